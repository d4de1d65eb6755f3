"""Who signs in at the demonstration. The persons are invented, the password is public."""

from django.contrib.auth import get_user_model

from sites_app.models import Assignment, Owner, Site
from tenants.models import Lease

PASSWORD = "akig-demo"  # noqa: S105 - printed on purpose, refused outside the demonstration
DOMAIN = "akig.demo"
CAPITAL = "GN_CONAKRY"

#: Sign-in, name, role, branches (None: all of them).
PEOPLE = [
    ("admin", "Administration AKIG", "admin", None),
    ("pdg", "Awa Camara", "pdg", None),
    ("chef", "Bachir Diallo", "chef_equipe", [CAPITAL]),
    ("secretaire", "Coumba Sylla", "secretaire", [CAPITAL]),
    ("comptable", "Daouda Barry", "comptable", [CAPITAL]),
    ("agent", "Estelle Haba", "agent", [CAPITAL]),
    ("kindia", "Hadja Soumah", "chef_equipe", ["GN_KINDIA"]),
    ("proprietaire", "Fodé Bangoura", "proprietaire", []),
    ("locataire", "Gassim Touré", "locataire", []),
]

#: The cashiers of the other branches only stand under their receipts: they cannot sign in.
CASHIERS = [
    ("caisse.mamou", "Thierno Bah", "GN_MAMOU"),
    ("caisse.labe", "Kadiatou Baldé", "GN_LABE"),
    ("caisse.dakar", "Ndèye Fall", "SN_DAKAR"),
    ("caisse.bamako", "Modibo Keïta", "ML_BAMAKO"),
]


def add_people() -> dict[str, int]:
    """Add those who work at the agency or sign in; return the number of each by sign-in."""
    known, branches = {}, list(Site.objects.order_by("code").values_list("code", flat=True))
    branches.sort(key=lambda code: code != CAPITAL)
    for name, person, role, sites in PEOPLE:
        known[name] = _add(name, person, role, branches if sites is None else sites, PASSWORD)
    for name, person, site in CASHIERS:
        known[name] = _add(name, person, "secretaire", [site], None)
    return known


def _add(name, person, role, sites, password):
    email = f"{name}@{DOMAIN}"
    people = get_user_model().objects
    user = people.filter(email=email).first()
    if user is None:
        user = people.create_user(email, password, role=role, name=person)
    for rank, code in enumerate(sites):
        Assignment.objects.get_or_create(
            user=user, site_id=code, defaults={"is_primary": rank == 0}
        )
    return user.pk


def cashier_of(site: str, people: dict[str, int]) -> int:
    """Return the number of the person who takes the money of a branch."""
    own = {code: name for name, _person, code in CASHIERS}
    own |= {CAPITAL: "secretaire", "GN_KINDIA": "kindia"}
    return people[own[site]]


def link_people(people: dict[str, int]) -> None:
    """Let the owner and the tenant who sign in be those of real files, under their own names."""
    names = {name: person for name, person, _role, _sites in PEOPLE}
    owner = Owner.objects.filter(site=CAPITAL, properties__isnull=False).order_by("pk").first()
    owner.user_id, owner.name = people["proprietaire"], names["proprietaire"]
    owner.save(update_fields=["user", "name"])
    lease = (
        Lease.objects.filter(site=CAPITAL, state="active", end=None, periodicity=1)
        .exclude(taken_over_on=None)
        .order_by("pk")
        .first()
    )
    tenant = lease.tenant
    tenant.user_id, tenant.name = people["locataire"], names["locataire"]
    tenant.save(update_fields=["user", "name"])
