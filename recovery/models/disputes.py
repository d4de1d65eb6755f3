"""Disputes: a tenant contests, both sides bring evidence, and the ladder waits."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import never_deleted
from recovery.models.cases import Pause
from recovery.querysets import DisputeQuerySet
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Tenant


@pghistory.track()
class Dispute(models.Model):
    """What is contested and how it went: filed, mediated, arbitrated, decided or withdrawn.

    ``due_on`` is the day until which the branch means to settle it, ``step_due_on`` that of the
    next step. While it is open the tenant is left alone.
    """

    class Kind(models.TextChoices):
        RENT = "rent_arrears", _("amount contested")
        DAMAGE = "property_damage", _("damage to the premises")
        LEASE = "lease_violation", _("breach of the lease")
        REFUND = "refund_claim", _("claim for a refund")

    class State(models.TextChoices):
        FILED = "filed", _("filed")
        MEDIATION = "mediation", _("mediation")
        ARBITRATION = "arbitration", _("arbitration")
        DECIDED = "decided", _("decided")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Responsible(models.TextChoices):
        TENANT = "tenant", _("tenant")
        OWNER = "owner", _("owner")
        AGENCY = "agency", _("agency")
        SHARED = "shared", _("shared")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="disputes", verbose_name=_("tenant")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.FILED)
    summary = models.TextField(_("what is contested"), max_length=2000)
    amount = models.BigIntegerField(_("amount contested"), null=True)
    filed_on = models.DateField(_("filed on"), default=timezone.localdate)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    due_on = models.DateField(_("to be settled by"))
    step_due_on = models.DateField(_("next step by"), null=True)
    responsible = models.CharField(_("responsible"), max_length=8, choices=Responsible, blank=True)
    outcome = models.TextField(_("outcome"), max_length=2000, blank=True)
    ended_on = models.DateField(_("ended on"), null=True)
    pause = models.OneToOneField(
        Pause, models.PROTECT, related_name="dispute", verbose_name=_("pause")
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-filed_on", "-pk"]
        indexes = [
            models.Index(
                fields=["site", "step_due_on"],
                condition=Q(ended_on=None),
                name="dispute_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["decided", "withdrawn"], ended_on__isnull=False)
                | Q(state__in=["filed", "mediation", "arbitration"], ended_on=None),
                name="a_dispute_ends_with_its_last_state",
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.tenant} · {self.get_kind_display()}"

    @property
    def is_overdue(self) -> bool:
        late = self.step_due_on or self.due_on
        return self.ended_on is None and late < timezone.localdate()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class DisputeStep(models.Model):
    """What was done in a dispute, and with which evidence; only an erased person takes it along."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    dispute = models.ForeignKey(
        Dispute, models.PROTECT, related_name="steps", verbose_name=_("dispute")
    )
    state = models.CharField(_("state"), max_length=12, choices=Dispute.State)
    note = models.TextField(_("note"), max_length=2000)
    evidence = models.FileField(
        _("evidence"), upload_to="disputes/%Y/%m", max_length=250, blank=True
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a dispute")
        verbose_name_plural = _("steps of disputes")
        ordering = ["made_at", "pk"]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["note", "evidence"]),
            ),
        ]

    def __str__(self):
        return f"{self.get_state_display()} · {self.note[:40]}"
