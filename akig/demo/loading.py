"""The load as a whole: in the end everything is there, or nothing."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pghistory
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.record import trace_again
from akig.demo import books, office, portfolio
from akig.demo.books import make_stages
from akig.demo.bulk import (
    begin_anew,
    copy,
    forget,
    left_behind,
    look_over,
    put_on,
    put_on_keys,
    start_over,
    step,
    sweep,
    take_off,
)
from akig.demo.calendar import Calendar
from akig.demo.people import add_people, cashier_of, link_people
from akig.demo.portfolio import Branch, Numbers
from akig.demo.providers import add_providers
from akig.demo.words import PLACES
from akig.lib.freshness import renew
from notifications.services import start_job
from payments.models import ClosedPeriod
from payments.services.deposits import take_over_deposits
from payments.services.posting import MONEY, accounts_of
from sites_app.models import BranchRule, Site
from sites_app.rules import rules_for


@dataclass(frozen=True)
class Size:
    leases: int
    months: int
    has_office: bool = False  # people who work there: the others measure charges and payments


SIZES = {
    "tiny": Size(72, 12),
    "agency": Size(1_000, 36, has_office=True),
    "network": Size(50_000, 36),
    "country": Size(200_000, 24),
}
TABLES = portfolio.TABLES + books.TABLES
LARGE = 5_000  # leases from which two sessions are worth their several transactions
SITE_COLUMNS = (
    "site_id", "country", "step", "commission", "vat", "due_day", "late_fee", "grace", "cashier_id",
    "agent_id",
)  # fmt: skip

# The first history of rows that no trigger saw, as it would have written it.
FIRST_HISTORY = """
INSERT INTO {table}event (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, {columns})
SELECT {entered}, 'insert', id, %s::uuid, {columns} FROM {table} WHERE id > %s
"""


class LoadRefused(Exception):
    """Another load is under way."""


def load(
    size: Size, *, seed: int, today: datetime.date, tell: Callable[[str], None] = lambda _step: None
) -> None:
    """Load a fictitious agency; ``tell`` hears of each step.

    A small one is one transaction. A large one, into tables that are all empty, is several in two
    sessions; what it took off stands in a table until the end, so that a load that did not finish
    is undone: at once after an error, by ``undo_unfinished`` after a crash.
    """
    if size.leases < LARGE or connection.in_atomic_block or _filled():
        with transaction.atomic():
            _load(size, seed, today, tell)
        return
    try:
        _load(size, seed, today, tell)
    except BaseException:
        undo_unfinished()
        raise


def only_load() -> None:
    """Keep other loads away until the session ends. Raises LoadRefused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('akig.seed_demo'))")
        if not cursor.fetchone()[0]:
            raise LoadRefused("Another load of the demonstration is under way.")


def undo_unfinished() -> None:
    """Leave empty, whole tables where a load that was not one transaction did not finish."""
    if left_behind():
        start_over(TABLES)


def _load(size, seed, today, tell):
    calendar = Calendar(today=today, months=size.months)
    with pghistory.context(verb="akig.seed_demo"):
        with step():
            with connection.cursor() as cursor:
                cursor.execute("SELECT _pgh_attach_context()")
                context = cursor.fetchone()[0]
            tell("Opening the branches")
            call_command("seed_sites", verbosity=0, stdout=_Silent())
            people = add_people()
            system = User.objects.system().pk
            _begin_tax(calendar)
            _make_room(size)
            before = {table: _last(table) for table in portfolio.TABLES}
            take_off(TABLES)
        words = books.words_of(calendar, seed, system=system, context=context)
        with step():
            begin_anew(portfolio.TABLES)
            _describe_branches(people)
            numbers = Numbers()
            for place, leases in _leases_by_place(size.leases):
                tell(f"{place.code}: {leases} leases")
                branch = Branch(place, leases, calendar, seed, numbers)
                branch.build()
                branch.store()
            look_over(portfolio.TABLES)
            tell("Charging, paying")
            books.charge_and_pay(calendar, seed, words)
        tell("Placing the money")
        books.place(words, meanwhile=partial(put_on, portfolio.TABLES))
        tell("Posting, issuing receipts, building indexes")
        books.write(words)
        sweep(books.TABLES)
        tell("Checking keys, proving the books")
        books.prove(meanwhile=partial(put_on_keys, TABLES))
        with step():
            books.write_runs(words)
            _remember(before, context, calendar)
            trace_again()
            _move_sequences(TABLES)
            link_people(people)
            _close_first_months(calendar, system)
            if (
                size.leases <= SIZES["agency"].leases
            ):  # the larger ones measure charges and payments
                tell("Taking over the deposits")
                for site in Site.objects.all():
                    take_over_deposits(
                        actor=User.objects.system(), site=site, value_date=calendar.today
                    )
            for site in Site.objects.values_list("code", flat=True):
                renew(f"site:{site}")
            forget()
    with transaction.atomic():
        if size.has_office and today <= timezone.localdate():
            office.work(calendar, tell)
        add_providers()
        for site in Site.objects.filter(is_active=True):
            # As each night; a worker does it, and the self-audit shows what it found.
            start_job(User.objects.system(), "payments.check_books", site_code=site.pk)


def _filled():
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608  # nosec B608 # our own names
            if cursor.fetchone()[0]:
                return True
    return False


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
    look_over(["demo_site", "demo_till"])  # else millions of rows are sorted to meet a few


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
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608  # nosec B608 # our own names
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
