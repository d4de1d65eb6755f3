"""The worker's door to recovery."""

import logging

from accounts.models import User
from akig.lib.errors import BusinessError
from akig.lib.isolation import everywhere
from recovery.models import Action, Channel
from recovery.services.cases import refresh_cases
from recovery.services.mails import post_step
from recovery.services.plans import follow_plans
from sites_app.models import Site

logger = logging.getLogger(__name__)


@everywhere()
def refresh_all_cases() -> None:
    """Let cases and plans follow the calendar: debts fall due, pauses end; run each night."""
    actor = User.objects.system()
    for site in Site.objects.filter(is_active=True):
        refresh_cases(actor=actor, site=site)
        follow_plans(actor=actor, site=site)


@everywhere()
def send_mails() -> None:
    """Send the e-mails that were decided, in the hours of their branch; others wait."""
    waiting = Action.objects.filter(state=Action.State.TO_SEND, channel=Channel.EMAIL)
    for action in waiting.select_related("decided_by", "tenant", "level").order_by("pk"):
        try:
            post_step(actor=action.decided_by, action=action)
        except BusinessError as error:
            logger.warning("The e-mail of step %s waits: %s", action.pk, error)
