"""The worker's door to people, keys, lock-outs and the record."""

from accounts import keys, lockout, notices, sealing
from accounts.partitions import make_months, parted


def note_use_of_keys() -> None:
    """Write down how often keys were used; run each minute."""
    keys.note_use()


def forget_failures() -> None:
    """Delete the failed sign-ins that no longer count; run each night."""
    lockout.forget_old()


def seal_record() -> None:
    """Seal the days that are over, each hour: nothing happens once yesterday is sealed."""
    sealing.seal_days()
    make_months(parted())


def tell_new_device(user_id: int, address: str, agent: str) -> None:
    """Write to a person who signed in where he never did."""
    notices.write_to(user_id, address, agent)
