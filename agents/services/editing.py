"""What people in the field correct: a field at a time, without undoing what the office wrote."""

from collections.abc import Iterable

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.verbs import verb
from akig.lib.errors import Conflict
from akig.lib.saving import locked
from sites_app.models import Property
from sites_app.services.portfolio import correct_property
from tenants.models import Tenant, TenantPhone
from tenants.services import correct_tenant

PHONES = "phones"


class FieldsConflict(Conflict):
    """Somebody else changed some of the same fields."""

    code = "version_conflict"

    def __init__(self, clashing: list[str]):
        super().__init__(_("Somebody else has changed this meanwhile."))
        self.clashing = clashing


@verb("mission.view_own")
def edit_tenant(*, actor, tenant: Tenant, base_version: int, **changes) -> Tenant:
    """Correct ``phones`` (the first one first), ``notes`` or ``email`` of a tenant.

    ``base_version`` is what the person saw. What others changed since in other fields stays; in
    the same ones it raises ``FieldsConflict``.
    """
    held = locked(tenant)
    _refuse_clash(held, base_version, changes)
    if PHONES in changes:
        changes[PHONES] = [(number, turn == 0) for turn, number in enumerate(changes[PHONES])]
    return correct_tenant(actor=actor, tenant=held, **changes)


@verb("mission.view_own")
def edit_property(*, actor, property: Property, base_version: int, **changes) -> Property:
    """Correct ``landmark``, ``safety_note``, ``latitude`` or ``longitude`` of a property."""
    held = locked(property)
    _refuse_clash(held, base_version, changes)
    return correct_property(actor=actor, property=held, **changes)


def _refuse_clash(held: Model, version: int, changes: dict) -> None:
    if version == held.version:
        return
    before = held.events.filter(version=version).order_by("-pgh_id").first()
    now = state_of(held, changes)
    clashing = [
        name
        for name, value in changes.items()
        if now[name] != value and _changed_since(held, version, before, name)
    ]
    if clashing:
        raise FieldsConflict(clashing)


def _changed_since(held, version, before, name) -> bool:
    if before is None:
        return True
    if name != PHONES:
        return getattr(before, name) != getattr(held, name)
    # Whoever changes the telephones raises the tenant's version in the same act.
    acts = held.events.filter(version__gt=version).values("pgh_context")
    history = TenantPhone._meta.get_field("events").related_model
    return history.objects.filter(pgh_context__in=acts, tenant=held.pk).exists()


def state_of(row: Model, names: Iterable[str]) -> dict:
    """Return what stands in the fields ``names`` of a row, as people in the field write it."""
    state = {name: getattr(row, name) for name in names if name != PHONES}
    if PHONES in names:
        phones = row.phones.order_by("-is_primary", "pk")
        state[PHONES] = [str(phone.number) for phone in phones]
    return state
