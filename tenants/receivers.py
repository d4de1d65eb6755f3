"""What we keep of a tenant and of those who answer for him, and when it may be erased."""

from django.dispatch import receiver
from django.utils.translation import gettext as _

from akig.lib.errors import Conflict
from sites_app.services.erasing import Part, pseudonym, sign_in_of, texts_naming, words_of
from sites_app.signals import person_erasing
from tenants.models import Guarantor, RentChange, Tenant

#: What a tenant's columns say of him as texts, beside his name.
SAID = ("email", "profession", "employer", "identity", "notes", "do_not_contact_reason")


@receiver(person_erasing, sender=Tenant)
def parts_of_tenant(row: Tenant, **kwargs) -> list[Part]:
    _refuse_while_renting(row)
    blanks = dict.fromkeys(SAID, "")
    blanks |= {"name": pseudonym(row), "agreed_on": None, "user": None}
    blanks |= {"visit_days": [], "visit_from": None, "visit_until": None}
    return [
        Part(Tenant.objects.filter(pk=row.pk), blanks),
        Part(row.phones.all(), {"number": ""}, gone=True),
        *map(_guarantor, row.guarantors.all()),
        Part(row.leases.all(), {"notes": ""}),
        Part(RentChange.objects.filter(lease__tenant=row), {"reason": ""}),
        *sign_in_of(row),
        *texts_naming(row, words_of(row, *(phone.number for phone in row.phones.all()))),
    ]


@receiver(person_erasing, sender=Guarantor)
def parts_of_guarantor(row: Guarantor, **kwargs) -> list[Part]:
    _refuse_while_renting(row.tenant)
    return [_guarantor(row), *texts_naming(row, words_of(row, *filter(None, [row.phone])))]


def _refuse_while_renting(tenant):
    if tenant.leases.binding().exists():
        sentence = _("This tenant has a lease that runs. End it first.")
        raise Conflict(sentence, code="tenant_in_use")


def _guarantor(row):
    blanks = dict.fromkeys(("phone", "relation", "profession", "identity"), "")
    blanks["name"] = pseudonym(row)
    return Part(Guarantor.objects.filter(pk=row.pk), blanks, gone=True)
