"""Who is told what happens at a branch: a room for each branch and right, and one for oneself."""

from django.core import signing

from accounts.models import User
from akig.lib.live import of_person
from sites_app.querysets import branches_of

#: The rights whose holders are told something.
TOLD = ("payment.view", "mission.manage")
#: For so many seconds a ticket opens the door.
TICKET_SECONDS = 60
SALT = "live"


def room_of(right: str, site_code: str) -> str:
    """Return the room of those who hold ``right`` at a branch."""
    return f"{right}-{site_code}"


def rooms_of(user: User) -> list[str]:
    """Return the rooms in which ``user`` hears what happens."""
    branches = branches_of(user) if user.works_here else []
    here = [room_of(right, code) for right in TOLD if user.may(right) for code in branches]
    return [of_person(user.pk), *here]


def make_ticket(user: User) -> str:
    """Return what opens the live process for a minute to who cannot show a session."""
    return signing.dumps(rooms_of(user), salt=SALT)


def read_ticket(ticket: str) -> list[str]:
    """Return the rooms that a ticket opens; none when it is not one of ours, or too old."""
    try:
        return signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return []
