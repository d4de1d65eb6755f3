"""The worker's door to leases."""

from accounts.models import User
from akig.lib.isolation import everywhere
from tenants.services import expire_leases


@everywhere()
def expire() -> None:
    """Let the states of leases follow the calendar; run each night, safe to run twice."""
    expire_leases(actor=User.objects.system())
