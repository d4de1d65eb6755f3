"""What telephones sent, and what they hold."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from akig.lib.models import append_only


class Operation(models.Model):
    """Something that a telephone asked for, with its answer: asked again, it gets the same one.

    The telephone chose the key, and said by its own clock when it was done (``made_at``).
    """

    class Status(models.TextChoices):
        APPLIED = "applied", _("accepted")
        CONFLICT = "conflict", _("in conflict")
        REJECTED = "rejected", _("refused")

    client_id = models.UUIDField(_("key"), primary_key=True)
    device = models.ForeignKey(
        Device, models.CASCADE, related_name="operations", verbose_name=_("device")
    )
    entity = models.CharField(_("kind"), max_length=10)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    status = models.CharField(_("state"), max_length=8, choices=Status)
    answer = models.JSONField(_("answer"))
    made_at = models.DateTimeField(_("made at"))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)

    class Meta:
        verbose_name = _("operation of a telephone")
        verbose_name_plural = _("operations of telephones")
        triggers = [append_only()]

    def __str__(self):
        return f"{self.entity} {self.client_id}"


class Handout(models.Model):
    """What a telephone holds after an answer: ``digests`` tells of each kind and row which state.

    Its key is the cursor with which the telephone asks for what is different since.
    """

    cursor = models.UUIDField(_("cursor"), primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("person"),
    )
    device = models.ForeignKey(
        Device, models.CASCADE, null=True, related_name="+", verbose_name=_("device")
    )
    digests = models.JSONField(_("digests"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("what a telephone holds")
        verbose_name_plural = _("what telephones hold")
        indexes = [models.Index(fields=["user", "device", "-made_at"], name="handout_newest")]

    def __str__(self):
        return str(self.cursor)
