"""How promises are kept."""

from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.utils import timezone

from recovery.querysets import PromiseQuerySet


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


def keep_rate(promises: PromiseQuerySet) -> KeepRate:
    """Return how ``promises`` (of a tenant, an agent, a branch) were kept."""
    kept = Q(received__gte=F("amount"))
    decided = promises.filter(cancelled_at=None).filter(kept | Q(due_on__lt=timezone.localdate()))
    counts = decided.aggregate(
        decided=Count("pk"),
        kept=Count("pk", filter=kept),
        partly=Count("pk", filter=~kept & Q(received__gt=0)),
    )
    return KeepRate(**counts)
