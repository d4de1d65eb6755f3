"""People in the field: whom they visit, where they are, what their telephones send and hold."""

from agents.models.missions import Mission, Stop
from agents.models.positions import Position
from agents.models.sync import Handout, Operation

__all__ = ["Handout", "Mission", "Operation", "Position", "Stop"]
