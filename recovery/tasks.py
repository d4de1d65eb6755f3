"""The worker's door to recovery."""

from accounts.models import User
from akig.lib.isolation import everywhere
from recovery.services.cases import refresh_cases
from sites_app.models import Site


@everywhere()
def refresh_all_cases() -> None:
    """Let every case follow the calendar: debts fall due, pauses end; run early each morning."""
    actor = User.objects.system()
    for site in Site.objects.filter(is_active=True):
        refresh_cases(actor=actor, site=site)
