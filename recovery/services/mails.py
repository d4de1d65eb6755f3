"""Reminders by e-mail: handed to the mail server between two acts, while nothing is held."""

import logging
from contextlib import suppress
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from recovery.models import Action
from recovery.services.steps import note_delivery, send_step
from recovery.services.wordings import USUAL

State = Action.State
logger = logging.getLogger(__name__)

#: From this code on, a mail server means it for good (RFC 5321, 4.2.1).
PERMANENT = 500


def post_step(*, actor, action: Action, amount: int | None = None) -> Action:
    """Send a step as ``send_step`` does, and if it is an e-mail, hand it over and note the outcome.

    It is read and claimed first, so it goes once however often this is asked. When the mail server
    is not there, it waits again; refused for good, it has failed; and where the connection was lost
    after it was handed over, or this process dies, it stays *being sent* until a person settles it.
    """
    action = send_step(actor=actor, action=action, amount=amount)
    if action.state != State.SENDING:
        return action
    state, failure = deliver(action)
    if failure:
        logger.warning("The e-mail of step %s: %s", action.pk, failure)
    if state == State.SENDING:
        return action
    return note_delivery(actor=actor, action=action, state=state, failure=failure)


def deliver(action: Action) -> tuple[str, str]:
    """Hand the e-mail of ``action`` to the mail server; return its state then, and what was wrong.

    The ``Message-ID`` is that of the step: a mailbox that gets it again can tell.
    """
    language = action.tenant.language
    with translation.override(language if language in dict(settings.LANGUAGES) else USUAL):
        subject = _("Your account at %(branch)s") % {"branch": action.site.name}
    name = f"<step.{action.pk}@{urlsplit(settings.PUBLIC_URL).hostname}>"
    message = EmailMessage(
        subject, action.text, None, [action.address], headers={"Message-ID": name}
    )
    server = get_connection()
    try:
        server.open()
    except (SMTPException, OSError) as error:
        return State.TO_SEND, str(error)
    try:
        server.send_messages([message])
    except SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        return _refused(code, said)
    except SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (SMTPException, OSError) as error:
        return State.SENDING, str(error) or type(error).__name__
    finally:
        with suppress(SMTPException, OSError):
            server.close()
    return State.SENT, ""


def _refused(code: int, said: bytes | str) -> tuple[str, str]:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return State.FAILED if code >= PERMANENT else State.TO_SEND, f"{code} {text}"
