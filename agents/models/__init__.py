"""People in the field, and what their telephones send and hold."""

from agents.models.positions import Position
from agents.models.sync import Handout, Operation

__all__ = ["Handout", "Operation", "Position"]
