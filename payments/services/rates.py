"""Exchange rates, for reports only: no entry of the journal is ever converted."""

import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from payments.models import ExchangeRate
from sites_app.models import Site


@verb("cost.manage")
def enter_rate(
    *, actor, currency: str, into: str, day: datetime.date, rate: Decimal, source: str
) -> ExchangeRate:
    """Enter what one unit of ``currency`` was worth in ``into`` on ``day``, and who says so.

    The same rate again changes nothing. Raises BusinessError for one currency twice or a day to
    come, Conflict when the day has another rate.
    """
    if currency == into:
        sentence = _("Choose two different currencies.")
        raise BusinessError(sentence, fields={"into": sentence})
    if day > timezone.localdate():
        sentence = _("A rate of a day to come is not known yet.")
        raise BusinessError(sentence, fields={"day": sentence})
    row, is_new = ExchangeRate.objects.get_or_create(
        currency=currency, into=into, day=day, defaults={"rate": rate, "source": source}
    )
    if not is_new and row.rate != rate:
        sentence = _("This day has another rate already: %(rate)s.") % {"rate": row}
        raise Conflict(sentence, fields={"rate": sentence})
    if not is_new:
        return unchanged(row)
    for code in Site.objects.values_list("pk", flat=True):
        renew(f"site:{code}")
    return row
