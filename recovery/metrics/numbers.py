"""How many wait at the recovery desk, as it was counted until something changed at the branches."""

from collections.abc import Iterable

from django.utils import timezone

from akig.lib.freshness import remember
from recovery.models import Case
from sites_app.models import Site

SECONDS = 300


def number_to_call(user, sites: Iterable[Site]) -> int:
    """Return how many tenants of ``sites`` are to be called today."""
    return _counted("to_call", Case.objects.visible_to(user), sites)


def number_to_write(user, sites: Iterable[Site]) -> int:
    """Return to how many tenants of ``sites`` the ladder would write today."""
    return _counted("to_write", Case.objects.visible_to(user), sites)


def _counted(what, cases, sites) -> int:
    codes = sorted(site.pk for site in sites)
    key = f"recovery.{what}:{timezone.localdate()}:{','.join(codes)}"
    rows = getattr(cases.filter(site__in=codes), what)
    return remember([f"site:{code}" for code in codes], key, SECONDS, lambda: rows().count())
