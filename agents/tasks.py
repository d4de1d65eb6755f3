"""The worker's door to the field."""

from agents.services import positions
from akig.lib.isolation import everywhere


@everywhere()
def forget_positions() -> None:
    """Delete old positions of every branch; safe to run twice."""
    positions.forget_positions()
