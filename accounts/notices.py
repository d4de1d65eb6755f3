"""The letter to a person whose password was used where it never was."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import BrowserSession, TokenFamily, User
from akig.lib.jobs import ring


def tell_if_new(user: User, address: str | None, agent: str, device: str = "") -> None:
    """Have a letter sent, unless the device is known or it is the very first sign-in.

    Known is a browser by the cookie ``device``, anything else by address and program together.
    Asked before the sign-in itself is written down.
    """
    browsers = BrowserSession.objects.filter(user=user)
    telephones = TokenFamily.objects.filter(user=user)
    here = {"address": address, "agent": agent}
    if not (browsers.exists() or telephones.exists()):
        return
    if device and browsers.filter(device=device).exists():
        return
    if not (browsers.filter(**here).exists() or telephones.filter(**here).exists()):
        ring("accounts.tasks.tell_new_device", user.pk, address or "", agent)


def write_to(user_id: int, address: str, agent: str) -> None:
    """Send the notice of a new device, in the language of its person."""
    user = User.objects.get(pk=user_id)
    with translation.override(user.language):
        text = render_to_string(
            "accounts/new_device.txt",
            {
                "person": user,
                "address": address,
                "agent": agent,
                "at": timezone.localtime(),
                "page": f"{settings.PUBLIC_URL}/profil/connexions",
            },
        )
        send_mail(_("New sign-in to AKIG"), text, settings.DEFAULT_FROM_EMAIL, [user.email])
