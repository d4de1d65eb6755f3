"""Telephones that work without network: known from their first contact on, cut off for good."""

import base64
import secrets
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Device, User
from akig.lib.errors import NotAllowed


class CutOff(NotAllowed):
    """The telephone was lost, or given away: it must forget what it holds."""

    code = "device_cut_off"


class AnothersDevice(NotAllowed):
    """Another person signed in on this telephone before, and it may hold what is theirs."""

    code = "device_taken"


def meet(user: User, uuid: UUID, name: str = "") -> Device:
    """Return the telephone ``uuid`` of ``user``, which is in contact now.

    At the first contact it is written down, with a key of its own. Raises ``CutOff`` and
    ``AnothersDevice``.
    """
    device, is_new = Device.objects.get_or_create(
        uuid=uuid, defaults={"user": user, "name": name[:200], "key": _new_key()}
    )
    if device.user_id != user.pk:
        raise AnothersDevice(_("Another person works with this telephone."))
    if device.cut_off_at:
        raise CutOff(_("This telephone was cut off."))
    if not is_new:
        Device.objects.filter(pk=device.pk).update(seen_at=timezone.now())
    return device


def devices_of(user: User) -> QuerySet[Device]:
    """Return the telephones with which ``user`` works, last used first."""
    return Device.objects.filter(user=user, cut_off_at=None).order_by("-seen_at")


def cut_off(device: Device) -> None:
    """Refuse the telephone from now on: it wipes what it holds as soon as it hears so."""
    device.cut_off_at = timezone.now()
    device.save(update_fields=["cut_off_at"])


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
