"""How promises are kept."""

from dataclasses import dataclass

from django.db.models import Count, Q

from recovery.models import Case
from recovery.querysets import KEPT, PromiseQuerySet


@dataclass(frozen=True)
class KeepRate:
    """Promises whose day has come, and those of them that were kept in full or in part."""

    decided: int
    kept: int
    partly: int

    @property
    def percent(self) -> int | None:
        """The share kept in full, rounded half-up; None where no day has come yet."""
        return (200 * self.kept + self.decided) // (2 * self.decided) if self.decided else None


COUNTS = {
    "decided": Count("pk"),
    "kept": Count("pk", filter=KEPT),
    "partly": Count("pk", filter=~KEPT & Q(received__gt=0)),
}


def keep_rate(promises: PromiseQuerySet) -> KeepRate:
    """Return how ``promises`` (of a tenant, a branch) were kept."""
    return KeepRate(**promises.decided().aggregate(**COUNTS))


def keep_rate_of(case: Case) -> KeepRate:
    """Return how the tenant of ``case`` (fetched ``with_promises``) kept promises."""
    return KeepRate(decided=case.decided, kept=case.kept, partly=case.partly)


def keep_rates(promises: PromiseQuerySet) -> list[tuple[str, KeepRate]]:
    """Return how ``promises`` were kept, with the name of each person who took them."""
    people = promises.decided().order_by("made_by__name", "made_by")
    rows = people.values("made_by", "made_by__name").annotate(**COUNTS)
    return [
        (row["made_by__name"], KeepRate(**{name: row[name] for name in COUNTS})) for row in rows
    ]
