"""What recovery hears from the apps below."""

from django.dispatch import receiver

from payments.signals import money_moved
from recovery.models import (
    Action,
    Contact,
    Dispute,
    DisputeStep,
    Notice,
    Pause,
    Photo,
    Plan,
    Promise,
)
from recovery.services.cases import follow_money
from sites_app.services.erasing import Part
from sites_app.signals import person_erasing
from tenants.models import Tenant


@receiver(money_moved)
def follow_the_journal(site_id, leases, **kwargs):
    """Cases and promises say what the journal says before the act that moved money is over."""
    follow_money(site_id=site_id, leases=leases)


@receiver(person_erasing, sender=Tenant)
def parts_of_tenant(row: Tenant, **kwargs) -> list[Part]:
    """What was said, where and in which picture goes; that there was a call or a promise stays."""
    contacts = Contact.objects.filter(tenant=row)
    nowhere = {"notes": "", "latitude": None, "longitude": None, "accuracy": None}
    return [
        Part(contacts, nowhere),
        Part(Photo.objects.filter(contact__tenant=row), {"file": ""}, gone=True),
        Part(Promise.objects.filter(tenant=row), {"cancel_reason": ""}),
        Part(Pause.objects.filter(tenant=row), {"note": ""}),
        Part(Plan.objects.filter(tenant=row), {"note": ""}),
        Part(Action.objects.filter(tenant=row), {"text": "", "address": "", "failure": ""}),
        Part(Action.objects.filter(tenant=row).exclude(reason=""), {"reason": "–"}),
        Part(Notice.objects.filter(tenant=row), {"reason": "", "withdrawn_because": ""}),
        Part(Dispute.objects.filter(tenant=row), {"summary": "", "outcome": ""}),
        Part(DisputeStep.objects.filter(dispute__tenant=row), {"note": "", "evidence": ""}),
    ]
