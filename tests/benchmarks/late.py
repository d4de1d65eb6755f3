"""Late tenants by the thousand at one branch, and agents to visit them."""

import datetime
import random

from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import User
from payments.models import Charge
from recovery.services.cases import refresh_cases
from sites_app.models import Assignment, Property, Site
from sites_app.services.branches import set_rule
from tenants.models import Lease, Tenant, TenantPhone

NUMBER, AGENTS = 5_000, 50
HOUSEHOLDS = 4  # late tenants behind one door
QUARTERS = 40
RENT = 1_500_000


def add_late_tenants(actor, site: Site, today: datetime.date) -> None:
    """Give ``site`` 5,000 tenants more who are 1 to 120 days late, four behind each door.

    Their houses lie about the branch, in forty quarters. Nothing is posted, since neither map nor
    missions read the journal.
    """
    chance = random.Random(1)
    model = Property.objects.filter(site=site).exclude(latitude=None).order_by("pk").first()
    middles = [
        (
            float(model.latitude) + chance.gauss(0, 0.04),
            float(model.longitude) + chance.gauss(0, 0.04),
        )
        for _quarter in range(QUARTERS)
    ]
    houses = Property.objects.bulk_create(
        Property(
            site=site,
            owner_id=model.owner_id,
            code=f"BENCH-{place:05d}",
            name=f"Immeuble {place}",
            quartier=f"Quartier {place % QUARTERS}",
            latitude=round(middles[place % QUARTERS][0] + chance.gauss(0, 0.004), 6),
            longitude=round(middles[place % QUARTERS][1] + chance.gauss(0, 0.004), 6),
        )
        for place in range(NUMBER // HOUSEHOLDS)
    )
    tenants = Tenant.objects.bulk_create(
        Tenant(site=site, code=f"BENCH-{place:05d}", name=f"Locataire {place}")
        for place in range(NUMBER)
    )
    TenantPhone.objects.bulk_create(
        TenantPhone(site=site, tenant=tenant, number=f"+2246220{place:05d}", is_primary=True)
        for place, tenant in enumerate(tenants)
    )
    leases = Lease.objects.bulk_create(
        Lease(
            site=site,
            reference=tenant.code,
            tenant=tenant,
            property=houses[place // HOUSEHOLDS],
            start=today - datetime.timedelta(days=400),
            rent=RENT,
        )
        for place, tenant in enumerate(tenants)
    )
    due = [today - datetime.timedelta(days=chance.randint(1, 120)) for _lease in leases]
    Charge.objects.bulk_create(
        Charge(
            site=site,
            lease=lease,
            property_id=lease.property_id,
            owner_id=model.owner_id,
            kind=Charge.Kind.RENT,
            period_start=day.replace(day=1),
            period_end=day.replace(day=28),
            due_date=day,
            amount=RENT,
        )
        for lease, day in zip(leases, due, strict=True)
    )
    refresh_cases(actor=actor, site=site)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def add_agents(actor, site: Site, today: datetime.date) -> None:
    """Let fifty agents more work at ``site``, enough for its late tenants."""
    agents = User.objects.bulk_create(
        User(email=f"bench-{place}@akig.invalid", name=f"Agent {place}") for place in range(AGENTS)
    )
    role = Group.objects.get(name="agent")
    role.user_set.through.objects.bulk_create(
        role.user_set.through(user=agent, group=role) for agent in agents
    )
    Assignment.objects.bulk_create(Assignment(user=agent, site=site) for agent in agents)
    visits = 2 * NUMBER // AGENTS
    set_rule(actor=actor, site=site, name="visits_per_day", value=str(visits), valid_from=today)
