"""Notices: one side ends a lease, with a paper that says until when and why."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from akig.lib.models import never_deleted
from recovery.querysets import NoticeQuerySet
from sites_app.models import Site
from tenants.models import Lease, Tenant

#: What no longer changes once a notice is issued.
FROZEN = [
    "tenant_id", "lease_id", "kind", "given_on", "leaves_on", "agreed", "number", "issued_at",
    "issued_by_id", "amount", "content", "former_end",
]  # fmt: skip


def _row(name, columns):
    return f"({', '.join(f'{name}.{column}' for column in columns)})"


@pghistory.track(exclude=["content", "paper"])
class Notice(models.Model):
    """Notice to leave, given for the owner because rent is late, or taken from the tenant.

    It is written by one person and issued by who may: then it gets its number (without gaps, by
    branch and year), ``content`` is what its paper says, and the lease ends on ``leaves_on``. The
    ``paper`` is kept as it was first printed, with its SHA-256. Withdrawn, the lease goes on until
    ``former_end``.
    """

    class Kind(models.TextChoices):
        OWNER = "owner", _("notice for the owner")
        TENANT = "tenant", _("notice of the tenant")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("notice", "to be validated")
        ISSUED = "issued", pgettext_lazy("notice", "issued")
        WITHDRAWN = "withdrawn", pgettext_lazy("notice", "withdrawn")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="notices", verbose_name=_("tenant")
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="notices", verbose_name=_("lease")
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    given_on = models.DateField(_("given on"))
    leaves_on = models.DateField(_("last day of the lease"))
    agreed = models.BooleanField(_("both sides agree to a shorter notice"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("written by"),
    )
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("rank"), null=True, blank=True)
    number = models.CharField(_("number"), max_length=40, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("issued by"),
    )
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    amount = models.BigIntegerField(_("late then"), default=0)
    content = models.JSONField(_("content"), default=dict, blank=True)
    paper = models.FileField(_("paper"), upload_to="notices/%Y/%m", max_length=250, blank=True)
    digest = models.CharField(_("SHA-256 of the paper"), max_length=64, blank=True)
    former_end = models.DateField(_("last day of the lease before"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("withdrawn by"),
    )
    withdrawn_because = models.CharField(_("why it was withdrawn"), max_length=200, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-written_at", "-pk"]
        indexes = [
            models.Index(fields=["site", "state", "-written_at"], name="notice_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=Q(state__in=("draft", "issued")),
                name="one_notice_per_lease",
            ),
            models.UniqueConstraint(
                fields=["site", "year", "sequence"], name="notice_numbers_are_unique"
            ),
            models.CheckConstraint(
                condition=Q(leaves_on__gte=models.F("given_on")), name="a_notice_looks_ahead"
            ),
            models.CheckConstraint(
                condition=~Q(state="issued")
                | Q(sequence__isnull=False, issued_at__isnull=False, issued_by__isnull=False)
                & ~Q(number=""),
                name="an_issued_notice_has_its_number",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="frozen_when_issued",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"""
                    OLD.issued_at IS NOT NULL
                    AND {_row("OLD", FROZEN)} IS DISTINCT FROM {_row("NEW", FROZEN)}
                    """
                ),
            ),
            pgtrigger.Protect(
                name="paper_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    """
                    OLD.digest <> ''
                    AND (OLD.paper, OLD.digest) IS DISTINCT FROM (NEW.paper, NEW.digest)
                    """
                ),
            ),
        ]

    def __str__(self):
        return self.number or f"{self.lease} · {self.get_kind_display()}"
