"""The load as a whole, in one transaction: everything is there, or nothing."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import pghistory
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from akig.demo import books, portfolio
from akig.demo.books import make_stages, write_books
from akig.demo.bulk import copy, undressed
from akig.demo.calendar import Calendar
from akig.demo.people import add_people, cashier_of, link_people
from akig.demo.portfolio import Branch, Numbers
from akig.demo.providers import add_providers
from akig.demo.words import PLACES
from akig.lib.freshness import renew
from payments.models import ClosedPeriod
from payments.services.deposits import take_over_deposits
from payments.services.posting import MONEY, accounts_of
from sites_app.models import BranchRule, Site
from sites_app.rules import rules_for


@dataclass(frozen=True)
class Size:
    leases: int
    months: int


SIZES = {
    "tiny": Size(72, 12),
    "agency": Size(1_000, 36),
    "network": Size(50_000, 36),
    "country": Size(200_000, 24),
}
SITE_COLUMNS = (
    "site_id", "country", "step", "commission", "vat", "due_day", "late_fee", "grace", "cashier_id",
    "agent_id",
)  # fmt: skip

# The first history of rows that no trigger saw, as it would have written it.
FIRST_HISTORY = """
INSERT INTO {table}event (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, {columns})
SELECT {entered}, 'insert', id, %s::uuid, {columns} FROM {table} WHERE id > %s
"""


def load(
    size: Size, *, seed: int, today: datetime.date, tell: Callable[[str], None] = lambda _step: None
) -> None:
    """Load a fictitious agency; ``tell`` hears of each step."""
    calendar = Calendar(today=today, months=size.months)
    with transaction.atomic(), pghistory.context(verb="akig.seed_demo"):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '256MB'")
            cursor.execute("SELECT _pgh_attach_context()")
            context = cursor.fetchone()[0]
        tell("Opening the branches")
        call_command("seed_sites", verbosity=0, stdout=_Silent())
        people = add_people()
        system = User.objects.system().pk
        _begin_tax(calendar)
        _make_room(size)
        _describe_branches(people)
        before = {table: _last(table) for table in portfolio.TABLES}
        with undressed(portfolio.TABLES + books.TABLES):
            numbers = Numbers()
            for place, leases in _leases_by_place(size.leases):
                tell(f"{place.code}: {leases} leases")
                branch = Branch(place, leases, calendar, seed, numbers)
                branch.build()
                branch.store()
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {', '.join(portfolio.TABLES)}")
            _remember(before, context, calendar)
            tell("Charging, paying, posting")
            write_books(calendar, seed, system=system, context=context)
            tell("Checking keys, building indexes")
        _move_sequences(portfolio.TABLES + books.TABLES)
        link_people(people)
        add_providers()
        _close_first_months(calendar, system)
        if size.leases <= SIZES["agency"].leases:  # the larger ones measure charges and payments
            tell("Taking over the deposits")
            for site in Site.objects.all():
                take_over_deposits(
                    actor=User.objects.system(), site=site, value_date=calendar.today
                )
        for site in Site.objects.values_list("code", flat=True):
            renew(f"site:{site}")


class _Silent:
    def write(self, text):
        """Swallow what a command would tell."""


def _begin_tax(calendar):
    """Let the branch tax begin on a 1 January, so that the demonstration has a dated rule."""
    for rule in BranchRule.objects.filter(name="tpa_percent", valid_from__lt=calendar.first):
        BranchRule.objects.get_or_create(
            site_id=rule.site_id,
            name=rule.name,
            valid_from=calendar.tax_begins,
            defaults={"value": rule.value},
        )
        rule.value = "0"
        rule.save(update_fields=["value"])


def _make_room(size):
    for place, leases in _leases_by_place(size.leases):
        Site.objects.filter(code=place.code, max_tenants__lt=leases).update(
            max_tenants=leases, max_properties=leases // 5
        )


def _describe_branches(people):
    make_stages()
    rows, tills = [], []
    for place in PLACES:
        rules = rules_for(place.code)
        accounts = accounts_of(place.code)
        tills += [(place.code, method, accounts[code]) for method, code in MONEY.items()]
        agent = people["agent"] if place.code == "GN_CONAKRY" else None
        rows.append(
            (
                place.code, place.code[:2], place.step, rules.commission_percent, rules.vat_percent,
                rules.rent_due_day, rules.late_fee_percent, rules.late_fee_grace_days,
                cashier_of(place.code, people), agent,
            )
        )  # fmt: skip
    copy("demo_site", SITE_COLUMNS, rows)
    copy("demo_till", ("site_id", "method", "account_id"), tills)


def _leases_by_place(leases):
    """Share the leases out by largest remainder: the last place takes what rounding leaves."""
    left = leases
    for place in PLACES[:-1]:
        number = round(leases * place.share)
        left -= number
        yield place, number
    yield PLACES[-1], left


def _remember(before, context, calendar):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = ANY(%s) GROUP BY table_name",
            [[f"{table}event" for table in portfolio.TABLES]],
        )
        for name, columns in cursor.fetchall():
            table = name.removesuffix("event")
            kept = [column for column in columns if not column.startswith("pgh_")]
            entered = "created_at" if "created_at" in kept else f"timestamptz '{calendar.today}'"
            listed = ", ".join(f'"{column}"' for column in sorted(kept))
            cursor.execute(
                FIRST_HISTORY.format(table=table, columns=listed, entered=entered),
                [context, before[table]],
            )


def _last(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - our own names
        return cursor.fetchone()[0]


def _move_sequences(tables):
    with connection.cursor() as cursor:
        for table in tables:
            key = "pgh_id" if table.endswith("event") else "id"
            highest = f"SELECT greatest(1, max({key})) FROM {table}"  # noqa: S608
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), ({highest}))", [table, key]
            )


def _close_first_months(calendar, system):
    for site in Site.objects.all():
        for index in (0, 1):
            ClosedPeriod.objects.get_or_create(
                site=site, month=calendar.month(index), defaults={"closed_by_id": system}
            )
