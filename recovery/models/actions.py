"""Steps of the ladder that somebody decided: messages and letters, sent, left out or to be sent."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from akig.lib.models import never_deleted
from recovery.models.ladders import Channel, Level
from recovery.querysets import UNDER_WAY, ActionQuerySet
from sites_app.models import Site
from tenants.models import Tenant


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("state")),
    exclude=["text", "debts", "failure"],
)
class Action(models.Model):
    """A step of the ladder for one tenant, decided by a person.

    What is asked is read when it is sent, and kept: ``amount``, the ``debts`` that it covers
    (``[{"label", "due", "left"}]``), the ``text`` and the ``address`` that it went to. One that is
    left out says why, and comes up again after ``until``. An e-mail is *being sent* from the moment
    it is read until the mail server has answered; where no answer came, a person settles it.
    ``failure`` is what the server said last. A person who is erased takes texts and address along.
    """

    class State(models.TextChoices):
        TO_SEND = "to_send", _("to send")
        SENDING = "sending", _("being sent")
        SENT = "sent", pgettext_lazy("message", "sent")
        FAILED = "failed", pgettext_lazy("message", "not delivered")
        LEFT_OUT = "left_out", _("left out")
        DROPPED = "dropped", _("not needed any more")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="actions", db_index=False, verbose_name=_("tenant")
    )
    level = models.ForeignKey(
        Level, models.PROTECT, related_name="+", db_index=False, verbose_name=_("level")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    state = models.CharField(_("state"), max_length=8, choices=State)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    until = models.DateField(_("until"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("sent by"),
    )
    sent_at = models.DateTimeField(_("sent at"), null=True)
    amount = models.BigIntegerField(_("amount asked"), null=True)
    debts = models.JSONField(_("debts"), default=list)
    text = models.TextField(_("text"), blank=True)
    address = models.CharField(_("sent to"), max_length=254, blank=True)
    cost = models.PositiveIntegerField(_("cost"), default=0)
    failure = models.CharField(
        _("why it did not go"), max_length=200, blank=True, default="", db_default=""
    )

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("step taken")
        verbose_name_plural = _("steps taken")
        ordering = ["-decided_at", "-pk"]
        indexes = [
            models.Index(fields=["tenant", "-decided_at"], name="action_of_tenant"),
            models.Index(fields=["site"], condition=Q(state="to_send"), name="action_to_send"),
            models.Index(
                fields=["site", "-sent_at"], condition=Q(state="sent"), name="action_by_day"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "tenant"],
                condition=Q(state__in=UNDER_WAY),
                name="one_step_to_take_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sending", "sent"))
                | Q(sent_at__isnull=False, sent_by__isnull=False, amount__gt=0),
                name="what_was_sent_says_what_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="left_out") | Q(until__isnull=False) & ~Q(reason=""),
                name="what_is_left_out_says_why",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="sent_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    """
                    OLD.state = 'sent' AND
                    (OLD.state, OLD.level_id, OLD.channel, OLD.amount, OLD.debts, OLD.sent_at)
                    IS DISTINCT FROM
                    (NEW.state, NEW.level_id, NEW.channel, NEW.amount, NEW.debts, NEW.sent_at)
                    """
                ),
            ),
        ]

    def __str__(self):
        return f"{self.level} · {self.tenant}"
