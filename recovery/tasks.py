"""The worker's door to recovery."""

import logging
from contextlib import suppress

from accounts.models import User
from akig.lib.errors import BusinessError
from akig.lib.isolation import everywhere
from recovery.models import Action, Channel
from recovery.services.cases import refresh_cases
from recovery.services.mails import MailAway, mail_server, post_mail
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
    actions = list(waiting.select_related("decided_by", "tenant", "level").order_by("pk"))
    if not actions:
        return
    with suppress(MailAway), mail_server() as server:
        for action in actions:
            try:
                posted = post_mail(actor=action.decided_by, action=action, server=server)
            except BusinessError as error:
                logger.warning("The e-mail of step %s waits: %s", action.pk, error)
                continue
            if posted.state == Action.State.SENDING:
                return  # the connection is lost: the rest waits for another
