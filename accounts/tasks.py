"""The worker's door to people, keys and lock-outs."""

from accounts import keys, lockout, sealing


def note_use_of_keys() -> None:
    """Write down how often keys were used; run each minute."""
    keys.note_use()


def forget_failures() -> None:
    """Delete the failed sign-ins that no longer count; run each night."""
    lockout.forget_old()


def seal_record() -> None:
    """Seal the days that are over, each hour: nothing happens once yesterday is sealed."""
    sealing.seal_days()
