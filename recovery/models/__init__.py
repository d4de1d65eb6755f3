from recovery.models.actions import Action
from recovery.models.cases import Case, Pause
from recovery.models.contacts import Contact, Photo
from recovery.models.disputes import Dispute, DisputeStep
from recovery.models.ladders import Channel, Ladder, Level, Wording
from recovery.models.notices import Notice
from recovery.models.plans import Plan, PlanPart
from recovery.models.promises import Promise
