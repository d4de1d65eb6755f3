"""The same people everywhere, each made when a test first names them.

Awa directs, Bachir leads the team, Coumba is the secretary, Diallo the accountant, Estelle the
field agent; Fodé owns a house and Gassim rents in it, all at GN_CONAKRY. Hadja leads GN_KINDIA
and must never see any of it. ``admin`` sees every branch.
"""

from datetime import date
from decimal import Decimal
from functools import cached_property

from accounts.models import User
from sites_app.models import Assignment, BranchRule, Owner, Property, Site, Unit
from tenants.models import Lease, Tenant
from tests.factories import make_lease, make_property, make_tenant, make_unit

PASSWORD = "akig-demo"
LONG_AGO = date(2000, 1, 1)


def make_site(code: str, name: str, *, currency="GNF", country="GN", **rules) -> Site:
    """Open a branch; ``rules`` hold since ever (``tpa_percent="5"``)."""
    site = Site.objects.create(code=code, name=name, country=country, city=name, currency=currency)
    BranchRule.objects.bulk_create(
        BranchRule(site=site, name=rule, value=str(value), valid_from=LONG_AGO)
        for rule, value in rules.items()
    )
    return site


def make_user(name: str, role: str, *sites: Site) -> User:
    """Let a person sign in as ``<first word>@example.org`` with ``PASSWORD``."""
    user = User.objects.create_user(
        f"{name.split()[0].lower()}@example.org", PASSWORD, role=role, name=name
    )
    for place, site in enumerate(sites):
        Assignment.objects.create(user=user, site=site, is_primary=place == 0)
    return user


class Cast:
    # The branches

    @cached_property
    def conakry(self) -> Site:
        return make_site("GN_CONAKRY", "Conakry", tpa_percent=5)

    @cached_property
    def kindia(self) -> Site:
        return make_site("GN_KINDIA", "Kindia", tpa_percent=4)

    @cached_property
    def dakar(self) -> Site:
        return make_site("SN_DAKAR", "Dakar", currency="XOF", country="SN", tpa_percent=6)

    # Those who work there

    @cached_property
    def admin(self) -> User:
        return make_user("Admin", "admin", self.conakry, self.kindia)

    @cached_property
    def awa(self) -> User:
        return make_user("Awa Barry", "pdg", self.conakry, self.kindia)

    @cached_property
    def bachir(self) -> User:
        return make_user("Bachir Camara", "chef_equipe", self.conakry)

    @cached_property
    def coumba(self) -> User:
        return make_user("Coumba Sylla", "secretaire", self.conakry)

    @cached_property
    def diallo(self) -> User:
        return make_user("Diallo Mamadou", "comptable", self.conakry)

    @cached_property
    def estelle(self) -> User:
        return make_user("Estelle Loua", "agent", self.conakry)

    @cached_property
    def hadja(self) -> User:
        return make_user("Hadja Condé", "chef_equipe", self.kindia)

    # Fodé and his house, Gassim and his lease

    @cached_property
    def fode(self) -> User:
        return make_user("Fode Soumah", "proprietaire")

    @cached_property
    def gassim(self) -> User:
        return make_user("Gassim Touré", "locataire")

    @cached_property
    def owner(self) -> Owner:
        return Owner.objects.create(
            site=self.conakry, code="P-0001", name="Fodé Soumah", user=self.fode
        )

    @cached_property
    def house(self) -> Property:
        """Fodé's house at Conakry, managed at 10 % since 2000."""
        return make_property(
            site=self.conakry, owner=self.owner, name="Villa Kipé", commission=Decimal(10)
        )

    @cached_property
    def unit(self) -> Unit:
        return make_unit(self.house, "A1")

    @cached_property
    def tenant(self) -> Tenant:
        return make_tenant(
            site=self.conakry, name="Gassim Touré", phone="+224622112233", user=self.gassim
        )

    @cached_property
    def lease(self) -> Lease:
        """Gassim rents A1 for 1 000 000 GNF a month since 1 January 2026."""
        return make_lease(
            unit=self.unit, tenant=self.tenant, rent=1_000_000, start=date(2026, 1, 1)
        )

    @cached_property
    def far_lease(self) -> Lease:
        """A lease of 600 000 GNF a month at Kindia, of which Conakry's people know nothing."""
        house = make_property(site=self.kindia, name="Immeuble Manquepas", commission=Decimal(8))
        return make_lease(unit=make_unit(house, "B1"), rent=600_000, start=date(2026, 1, 1))
