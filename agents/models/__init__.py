"""People in the field: whom they visit, where they are, what their telephones send and hold,
and what they are asked to collect."""

from agents.models.missions import Mission, Stop
from agents.models.positions import Position
from agents.models.results import GivenPoints, Target
from agents.models.sync import Handout, Operation

__all__ = ["GivenPoints", "Handout", "Mission", "Operation", "Position", "Stop", "Target"]
