"""The worker's door to people and keys."""

from accounts import keys


def note_use_of_keys() -> None:
    """Write down how often keys were used; run each minute."""
    keys.note_use()
