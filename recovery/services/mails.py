"""Reminders by e-mail: handed to the mail server between two acts, while nothing is held."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation
from django.utils.translation import gettext as _

from akig.lib.errors import Conflict
from recovery.models import Action, Channel
from recovery.services.steps import note_delivery, send_step
from recovery.services.wordings import USUAL

State = Action.State
logger = logging.getLogger(__name__)

#: From this code on, a mail server means it for good (RFC 5321, 4.2.1).
PERMANENT = 500


class MailAway(Conflict):
    """The mail server cannot be reached."""

    code = "mail_away"


@contextmanager
def mail_server() -> Iterator[BaseEmailBackend]:
    """Keep a connection to the mail server open inside the block. Raises ``MailAway``."""
    server = get_connection()
    try:
        server.open()
    except (SMTPException, OSError) as error:
        logger.warning("The mail server is away: %s", error)
        raise MailAway(_("The mail server does not answer: the e-mail waits.")) from error
    try:
        yield server
    finally:
        with suppress(SMTPException, OSError):
            server.close()


def post_step(*, actor, action: Action, amount: int | None = None) -> Action:
    """Send a step as ``send_step`` does, an e-mail by the mail server. Raises ``MailAway``."""
    if action.channel != Channel.EMAIL:
        return send_step(actor=actor, action=action, amount=amount)
    with mail_server() as server:
        return post_mail(actor=actor, action=action, server=server, amount=amount)


def post_mail(
    *, actor, action: Action, server: BaseEmailBackend, amount: int | None = None
) -> Action:
    """Hand an e-mail to ``server`` and note the outcome.

    It is read and claimed first, so it goes once however often this is asked. Refused for now it
    waits again, refused for good it has failed; and where the connection is lost after it was
    handed over, or this process dies, it stays *being sent* until a person settles it.
    """
    action = send_step(actor=actor, action=action, amount=amount)
    if action.state != State.SENDING:
        return action
    state, failure = _deliver(action, server)
    if failure:
        logger.warning("The e-mail of step %s: %s", action.pk, failure)
    if state == State.SENDING:
        return action
    return note_delivery(actor=actor, action=action, state=state, failure=failure)


def _deliver(action: Action, server: BaseEmailBackend) -> tuple[str, str]:
    """Return the state of an e-mail after it was handed over, and what was wrong.

    The ``Message-ID`` is that of the step: a mailbox that gets it again can tell.
    """
    language = action.tenant.language
    with translation.override(language if language in dict(settings.LANGUAGES) else USUAL):
        subject = _("Your account at %(branch)s") % {"branch": action.site.name}
    name = f"<step.{action.pk}@{urlsplit(settings.PUBLIC_URL).hostname}>"
    mail = EmailMessage(subject, action.text, None, [action.address], headers={"Message-ID": name})
    try:
        server.send_messages([mail])
    except SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        return _refused(code, said)
    except SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (SMTPException, OSError) as error:
        return State.SENDING, str(error) or type(error).__name__
    return State.SENT, ""


def _refused(code: int, said: bytes | str) -> tuple[str, str]:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return State.FAILED if code >= PERMANENT else State.TO_SEND, f"{code} {text}"
