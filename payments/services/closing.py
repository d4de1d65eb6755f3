"""Closing the books of a month, and what the agency itself spent in it."""

import datetime

from dateutil.relativedelta import relativedelta
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from payments.models import AgencyCost, ClosedPeriod
from payments.services.posting import lock_books, refuse_closed
from sites_app.models import Site


class PeriodNotOver(Conflict):
    """A month is closed when it is over."""

    code = "period_not_over"


@verb("period.close")
def close_period(
    *, actor, site: Site, month: datetime.date, reports: dict | None = None
) -> ClosedPeriod:
    """Close a month of ``site``: from now on no entry is dated in it. Closing twice is harmless.

    ``reports`` (JSON) are kept with it as they stand. Raises ``PeriodNotOver`` for a month that
    still runs.
    """
    month = month.replace(day=1)
    if month + relativedelta(months=1) > timezone.localdate():
        sentence = _("This month is not over yet.")
        raise PeriodNotOver(sentence, fields={"month": sentence})
    lock_books(site.pk, [])
    period, created = ClosedPeriod.objects.get_or_create(
        site=site,
        month=month,
        reopened_at=None,
        defaults={"closed_by": actor, "reports": reports or {}},
    )
    renew(f"site:{site.pk}")
    return period if created else unchanged(period)


@verb("period.reopen")
def reopen_period(*, actor, site: Site, month: datetime.date, reason: str) -> ClosedPeriod | None:
    """Reopen a closed month with a reason that stays on record; None when it was open."""
    if not reason.strip():
        sentence = _("Say why the month is reopened.")
        raise BusinessError(sentence, fields={"reason": sentence})
    period = (
        ClosedPeriod.objects.select_for_update(of=("self",))
        .filter(site=site, month=month.replace(day=1), reopened_at=None)
        .first()
    )
    if period is None:
        return unchanged(None)
    period.reopened_at, period.reopened_by, period.reason = timezone.now(), actor, reason
    period.save(update_fields=["reopened_at", "reopened_by", "reason"])
    renew(f"site:{site.pk}")
    return period


@verb("cost.manage")
def enter_cost(
    *, actor, site: Site, month: datetime.date, category: str, amount: int, notes: str = ""
) -> AgencyCost:
    """Enter what a category cost the branch in a month (minor units); a second entry replaces it.

    Raises ``PeriodClosed``, and ``BusinessError`` for a month before 1990 or after the next one.
    """
    month = month.replace(day=1)
    if not month.year >= 1990 or month > timezone.localdate() + relativedelta(months=1):
        sentence = _("Choose a month until next month.")
        raise BusinessError(sentence, fields={"month": sentence})
    refuse_closed(site, month, field="month")
    cost, _created = AgencyCost.objects.update_or_create(
        site=site,
        month=month,
        category=category,
        defaults={"amount": amount, "notes": notes, "entered_by": actor},
    )
    renew(f"site:{site.pk}")
    return cost
