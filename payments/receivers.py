"""What payments hears from the apps below."""

from functools import reduce
from operator import or_

from django.db.models import F, Func, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.lookups import GreaterThan
from django.dispatch import receiver
from django.utils.translation import gettext as _

from akig.lib.errors import Conflict
from payments.models import (
    Account,
    Attempt,
    Callback,
    Charge,
    DepositMovement,
    ExitAccount,
    JournalEntry,
    JournalLine,
    KnownPayer,
    OwnerCost,
    OwnerPaymentDetails,
    Payment,
    PaymentClaim,
    Payout,
)
from payments.services.deposits import held
from payments.services.links import renew_link
from sites_app.models import Approval, Owner
from sites_app.services.erasing import Part
from sites_app.signals import person_erased, person_erasing
from tenants.models import Guarantor, Tenant
from tenants.signals import lease_cancelling

Code = Account.Code
TENANTS = (Code.RECEIVABLE, Code.DEPOSITS)
OWNERS = (Code.OWNER_PENDING, Code.OWNER_PAYABLE, Code.OWNER_ADVANCE)


@receiver(lease_cancelling)
def refuse_when_money_stands(lease, **kwargs):
    """A lease on which something is owed, held or was paid is ended, never cancelled."""
    owed = lease.charges.standing().exists()
    if owed or lease.payments.confirmed().exists() or held(lease):
        raise Conflict(
            _("Charges or payments stand on this lease: end it, or cancel them first."),
            code="lease_has_money",
        )


@receiver(person_erasing, sender=Tenant)
def parts_of_tenant(row: Tenant, **kwargs) -> list[Part]:
    """What is owed, held or on its way is settled before a tenant is erased."""
    _refuse_while_owing(row)
    claims = PaymentClaim.objects.filter(lease__tenant=row)
    attempts = Attempt.objects.filter(lease__tenant=row)
    if (
        claims.filter(state=PaymentClaim.State.WAITING).exists()
        or attempts.filter(state__in=Attempt.OPEN).exists()
    ):
        sentence = _("Money of this person is on its way. Wait for it, or refuse it.")
        raise Conflict(sentence, code="money_on_its_way")
    payments = Payment.objects.filter(lease__tenant=row)
    charges = Charge.objects.filter(lease__tenant=row)
    asked = _asked_about(row.leases.all(), payments, charges)
    reversals = JournalEntry.objects.filter(lease__tenant=row).exclude(reverses=None)
    return [
        Part(attempts, {"phone": "", "reason": ""}),
        Part(_calls_back(row, attempts), {"body": b"", "reason": ""}),
        Part(claims, {"message": "", "photo": "", "reason": ""}),
        Part(KnownPayer.objects.filter(Q(tenant=row) | Q(lease__tenant=row)), gone=True),
        Part(payments.exclude(notes="", cancel_reason=""), {"notes": "", "cancel_reason": ""}),
        Part(charges.exclude(cancel_reason=""), {"cancel_reason": ""}),
        Part(reversals.exclude(memo=""), {"memo": ""}),  # says why, in somebody's own words
        Part(DepositMovement.objects.filter(lease__tenant=row).exclude(reason=""), {"reason": ""}),
        Part(ExitAccount.objects.filter(lease__tenant=row), {"notes": ""}),
        Part(asked, {"reason": "", "answer": ""}),
    ]


def _asked_about(*rows):
    """Return what a second person was asked about ``rows``. Raises Conflict while some waits."""
    about = (Q(model=some.model._meta.label_lower, object_id__in=some) for some in rows)
    asked = Approval.objects.filter(reduce(or_, about))
    if asked.pending().exists():
        sentence = _("Something about this person waits for a second person. Decide it first.")
        raise Conflict(sentence, code="approval_waiting")
    return asked


def _calls_back(tenant, attempts):
    """Return what providers said of his attempts, and what else names one of his telephones."""
    said = Q(attempt__in=attempts)
    for phone in tenant.phones.all():
        number = Value(str(phone.number.national_number).encode())
        place = Func(
            number,
            F("body"),
            template="position(%(expressions)s)",
            arg_joiner=" IN ",
            output_field=IntegerField(),
        )
        said |= Q(GreaterThan(place, 0))
    return Callback.objects.filter(said).exclude(state=Callback.State.RECEIVED)


@receiver(person_erased, sender=Tenant)
def end_link(row: Tenant, actor, **kwargs) -> None:
    renew_link(actor=actor, tenant=row)


@receiver(person_erasing, sender=Guarantor)
def parts_of_guarantor(row: Guarantor, **kwargs) -> list[Part]:
    """A guarantor answers for what his tenant owes."""
    _refuse_while_owing(row.tenant)
    return []


@receiver(person_erasing, sender=Owner)
def parts_of_owner(row: Owner, **kwargs) -> list[Part]:
    _refuse_open(JournalLine.objects.filter(owner=row, account__code__in=OWNERS), "site")
    why = {"reason": "", "restated_reason": ""}
    return [
        Part(OwnerPaymentDetails.objects.filter(owner=row), {"bank": "", "holder": ""}, gone=True),
        Part(OwnerCost.objects.filter(owner=row).exclude(reason=""), {"reason": ""}),
        Part(Payout.objects.filter(owner=row).exclude(**why), why),
    ]


def _refuse_while_owing(tenant):
    lines = JournalLine.objects.filter(lease__tenant=tenant, account__code__in=TENANTS)
    _refuse_open(lines, "lease")


def _refuse_open(lines: QuerySet, by: str):
    """Refuse while the books owe a person anything, or he them, on any account."""
    if lines.order_by().values(by, "account").annotate(due=Sum("amount")).exclude(due=0).exists():
        sentence = _("Money is owed to this person or by him, or a deposit is held. Settle it.")
        raise Conflict(sentence, code="money_open")
