"""What people in the field keep of a tenant."""

from django.dispatch import receiver

from agents.models import Mission
from sites_app.services.erasing import Part
from sites_app.signals import person_erasing
from tenants.models import Tenant


@receiver(person_erasing, sender=Tenant)
def parts_of_tenant(row: Tenant, **kwargs) -> list[Part]:
    visiting = Mission.objects.filter(stops__tenant=row)
    return [Part(visiting.exclude(notes=""), {"notes": ""})]
