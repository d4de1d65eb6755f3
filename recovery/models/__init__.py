from recovery.models.cases import Case, Pause
from recovery.models.contacts import Contact, Photo
from recovery.models.ladders import Channel, Ladder, Level, Wording
from recovery.models.promises import Promise
