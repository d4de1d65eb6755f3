"""Guessing passwords and codes: with each failure an account, and an address, waits longer.

Kept in rows, so that it holds whether Redis is there or not. An account is named by a keyed hash
of what was typed, which may be nobody's e-mail or somebody's password: accounts that do not exist
are locked as those that do.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Lockout
from akig.lib.encryption import veiled

#: So many failures cost nothing; behind one address a whole office may sit.
FREE = {"account": 5, "address": 20}
#: What the first one after these costs; each further one doubles it.
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
#: Failures count until none was added for so long.
FORGOTTEN = timedelta(days=1)


class Locked(ValidationError):
    """Too many failures; ``wait`` says for how many seconds nothing is tried, right or wrong."""

    def __init__(self, wait: int):
        super().__init__(_("Too many failed attempts. Try again later."), code="locked")
        self.wait = wait


@dataclass(frozen=True)
class Attempt:
    names: tuple[str, ...]

    def give_back(self) -> None:
        """Take it out of the count: what was tried was right."""
        Lockout.objects.filter(name__in=self.names, failures__gt=0).update(
            failures=F("failures") - 1, until=timezone.now()
        )


def begin(email: str, address: str) -> Attempt:
    """Count an attempt before it is made, so that none of many at once is free. Raises Locked."""
    names = (_account(email), _address(address))
    with transaction.atomic():
        Lockout.objects.bulk_create([Lockout(name=n) for n in names], ignore_conflicts=True)
        rows = list(Lockout.objects.select_for_update().filter(name__in=names).order_by("name"))
        now = timezone.now()
        wait = max(row.until for row in rows) - now
        if wait > timedelta(0):
            raise Locked(math.ceil(wait.total_seconds()))
        for row in rows:
            row.failures = 1 if row.last_at < now - FORGOTTEN else row.failures + 1
            row.last_at, row.until = now, now + _delay(row)
        Lockout.objects.bulk_update(rows, ["failures", "last_at", "until"])
    return Attempt(names)


def clear(email: str) -> bool:
    """Forget the failures of an account; tell whether there were any."""
    return bool(Lockout.objects.filter(name=_account(email)).delete()[0])


def forget_old() -> int:
    """Delete what no longer counts; return how many rows."""
    return Lockout.objects.filter(last_at__lt=timezone.now() - FORGOTTEN).delete()[0]


def _delay(row: Lockout) -> timedelta:
    beyond = row.failures - FREE[row.name.partition(":")[0]]
    return min(SHORTEST * 2 ** min(beyond, 10), LONGEST) if beyond >= 0 else timedelta(0)


def _account(email: str) -> str:
    return f"account:{veiled(email.strip().lower())}"


def _address(address: str) -> str:
    """Name the network where an address of version 6 is: whoever has one has 2⁶⁴ of them."""
    if ":" in address:
        address = str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return f"address:{address}"
