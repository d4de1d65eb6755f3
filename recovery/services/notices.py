"""Notices: written by one person, issued with a number by who may, withdrawn when all is well."""

import datetime
import hashlib

from django.core.files.base import ContentFile
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.saving import Refusals, locked, save
from recovery.models import Case, Dispute, Notice
from recovery.services.cases import hold_tenant
from recovery.services.steps import debts_of
from sites_app.rules import rules_for
from tenants.models import Lease
from tenants.services import earliest_leave, give_notice, take_back_notice

Kind, State = Notice.Kind, Notice.State

REFUSALS: Refusals = {
    "one_notice_per_lease": (
        "notice_stands",
        "lease",
        gettext_lazy("A notice of this lease stands already, or waits to be validated."),
    ),
}


class NoticeRefused(BusinessError):
    """A notice that cannot be: its days, or what it is given for."""

    code = "notice_refused"


@verb("notice.create")
def write_notice(
    *,
    actor,
    lease: Lease,
    kind: str,
    given_on: datetime.date,
    leaves_on: datetime.date | None = None,
    agreed: bool = False,
    reason: str = "",
) -> Notice:
    """Write a notice of ``lease`` that waits to be validated.

    Without ``leaves_on`` the lease ends as soon as the branch's delay allows. Raises
    ``NoticeRefused``, and Conflict ``notice_stands``, ``lease_over`` or ``not_now``: the owner's
    notice is given for what is late, and never while the tenant is left alone or contests.
    """
    shortest = earliest_leave(lease, given_on, by_owner=kind == Kind.OWNER)
    notice = Notice(
        site_id=lease.site_id,
        tenant_id=lease.tenant_id,
        lease=lease,
        kind=kind,
        given_on=given_on,
        leaves_on=leaves_on or shortest,
        agreed=agreed,
        reason=reason,
        written_by=actor,
    )
    _refuse(notice, lease)
    return save(notice, REFUSALS)


@verb("notice.validate")
def issue_notice(*, actor, notice: Notice) -> Notice:
    """Give a notice its number, freeze what its paper says, and let the lease end on its day.

    What ``write_notice`` refuses is refused again. Issued already, it is returned as it is.
    """
    hold_tenant(notice.tenant, notice.site_id)
    notice = locked(notice)
    if notice.state != State.DRAFT:
        return unchanged(notice)
    lease = Lease.objects.select_related("site", "tenant", "property__owner").get(
        pk=notice.lease_id
    )
    case = _refuse(notice, lease)
    now = timezone.now()
    notice.year = timezone.localdate(now).year
    numbered = Notice.objects.filter(site=notice.site_id, year=notice.year)
    notice.sequence = (numbered.aggregate(last=Max("sequence"))["last"] or 0) + 1
    notice.number = f"PR-{notice.site_id}-{notice.year}-{notice.sequence:06d}"
    notice.state, notice.issued_by, notice.issued_at = State.ISSUED, actor, now
    notice.amount = case.balance if case else 0
    notice.content = _content(notice, lease, case)
    notice.former_end = lease.end
    save(notice)
    if not _is_taken(lease, notice):
        give_notice(
            actor=actor,
            lease=lease,
            given_on=notice.given_on,
            leaves_on=notice.leaves_on,
            by_owner=notice.kind == Kind.OWNER,
            agreed=notice.agreed,
            reason=notice.number,
        )
    return notice


@verb("notice.view")
def keep_paper(*, actor, notice: Notice, paper: bytes) -> Notice:
    """Keep the paper of an issued notice as it was printed; the first one stays."""
    notice = locked(notice)
    if notice.digest:
        return unchanged(notice)
    notice.paper = ContentFile(paper, name=f"{notice.number}.pdf")
    notice.digest = hashlib.sha256(paper).hexdigest()
    notice.save(update_fields=["paper", "digest"])
    return notice


@verb("notice.create")
def discard_notice(*, actor, notice: Notice) -> Notice:
    """Give up a notice that was never issued."""
    notice = locked(notice)
    if notice.state != State.DRAFT:
        raise Conflict(_("This notice is no draft any more."), code="notice_issued")
    return _end(actor, notice, "")


@verb("notice.validate")
def withdraw_notice(*, actor, notice: Notice, reason: str) -> Notice:
    """Withdraw an issued notice: the lease goes on as before, its paper stays among the papers.

    Raises Conflict once the lease is over, and ``UnitTaken`` where somebody else has signed since.
    """
    if not reason.strip():
        sentence = _("Say why it is withdrawn.")
        raise NoticeRefused(sentence, fields={"reason": sentence})
    notice = locked(notice)
    if notice.state != State.ISSUED:
        return unchanged(notice)
    if notice.leaves_on < timezone.localdate():
        raise Conflict(_("The lease is over."), code="lease_over")
    take_back_notice(actor=actor, lease=notice.lease, end=notice.former_end, reason=reason)
    return _end(actor, notice, reason)


def _end(actor, notice, reason) -> Notice:
    notice.state, notice.withdrawn_because = State.WITHDRAWN, reason
    notice.withdrawn_by, notice.withdrawn_at = actor, timezone.now()
    return save(notice)


def _refuse(notice: Notice, lease: Lease) -> Case | None:
    """Raise what speaks against a notice today; return the case of its tenant, if there is one."""
    today = timezone.localdate()
    if not lease.is_real or lease.is_over or lease.state == Lease.State.TERMINATED:
        raise Conflict(_("This lease is over, or never began."), code="lease_over")
    if notice.kind == Kind.TENANT and notice.given_on > today:
        _refuse_day("given_on", _("The day on which the notice came lies ahead."))
    if notice.kind == Kind.OWNER and notice.given_on < today:
        _refuse_day(
            "given_on",
            _("The day on which it is handed over has passed: discard it and write it anew."),
        )
    if lease.end is not None and notice.leaves_on > lease.end:
        _refuse_day("leaves_on", _("The lease ends before."))
    shortest = earliest_leave(lease, notice.given_on, by_owner=notice.kind == Kind.OWNER)
    if notice.leaves_on < notice.given_on or (notice.leaves_on < shortest and not notice.agreed):
        _refuse_day(
            "leaves_on",
            _("The notice lasts until %(day)s at least, unless both sides agree.")
            % {"day": shortest.strftime("%d/%m/%Y")},
        )
    case = Case.objects.filter(site=lease.site_id, tenant=lease.tenant_id).running().first()
    if notice.kind == Kind.OWNER:
        _refuse_indecent(lease, case)
    return case


def _refuse_indecent(lease, case) -> None:
    if case is None:
        raise Conflict(_("Nothing is late: there is no notice for unpaid rent."), code="not_now")
    if Dispute.objects.running().filter(site=lease.site_id, tenant=lease.tenant_id).exists():
        raise Conflict(_("The tenant contests: settle the dispute first."), code="not_now")
    if case.state == Case.State.PAUSED:
        raise Conflict(_("The tenant is left alone for now: see the case."), code="not_now")


def _refuse_day(field, sentence) -> None:
    raise NoticeRefused(sentence, fields={field: sentence})


def _is_taken(lease: Lease, notice: Notice) -> bool:
    """Tell whether the lease ends so already: its notice was taken before its paper was written."""
    return lease.state == Lease.State.NOTICE_GIVEN and lease.end == notice.leaves_on


def _content(notice, lease, case) -> dict:
    """Return what the paper says, as things stand."""
    rules = rules_for(lease.site_id, on=notice.given_on)
    return {
        "tenant": lease.tenant.name,
        "code": lease.tenant.code,
        "owner": lease.property.owner.name,
        "lease": lease.reference,
        "since": lease.start.isoformat(),
        "property": lease.property.name,
        "units": ", ".join(lease.units.order_by("number").values_list("number", flat=True)),
        "currency": lease.site.currency,
        "days": (notice.leaves_on - notice.given_on).days,
        "return_days": rules.deposit_return_days,
        "debts": debts_of(case) if case else [],
    }
