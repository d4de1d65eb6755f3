"""A month's work at the agency, done by its people: what a visitor finds begun, done and waiting.

Everything is an act of the services, each by somebody whose role allows it. What is dated lies in
last month and this one, so an office works only for a load whose last day has come.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import F, Sum

from accounts.models import User
from akig.demo.calendar import Calendar
from akig.demo.papers import bank_paper, known_movements, unknown_movements, wallet_paper
from akig.demo.people import CAPITAL, DOMAIN
from akig.demo.providers import add_providers
from akig.demo.recovery import follow_up
from notifications.services import perform_job
from payments.metrics.tills import cash_in
from payments.models import (
    Account,
    Charge,
    JournalDay,
    JournalLine,
    MoneyAccount,
    OwnerCost,
    OwnerPaymentDetails,
    Payment,
    Provider,
    SharedCost,
    StatementLine,
)
from payments.models.shared import Utility
from payments.models.tills import DENOMINATIONS
from payments.providers import Started
from payments.services.charging import waive_charge
from payments.services.claims import make_claim
from payments.services.collecting import record_payment
from payments.services.deposits import hold_deposit
from payments.services.mobile import note_start, open_attempt
from payments.services.owner_costs import enter_owner_cost
from payments.services.payouts import approve_payouts, prepare_payouts, set_payment_details
from payments.services.placing import entries_explaining, explain_line, likely_entries
from payments.services.rates import enter_rate
from payments.services.reconciling import reconcile_all
from payments.services.shared import charge_shared_cost, enter_shared_cost
from payments.services.statements import receive_statement
from payments.services.tills import (
    carry_to_bank,
    close_day,
    confirm_hand_over,
    declare_hand_over,
    deposit_of,
)
from payments.services.wallets import add_account
from sites_app.models import Owner, Property, Site
from tenants.models import Lease

Code = Account.Code
Method = OwnerPaymentDetails.Method
Explanation = StatementLine.Explanation

DAY = datetime.timedelta(days=1)
FRIDAY = 4
#: What stays in the till when the rest is carried to the bank, in minor units (GNF).
FLOAT = 15_000_000
#: How owners are paid, by the account that their money lies in.
PAID_FROM = {
    Code.CASH: Method.CASH,
    Code.BANK: Method.BANK_TRANSFER,
    Code.ORANGE_MONEY: Method.ORANGE_MONEY,
    Code.MTN_MOMO: Method.MTN_MOMO,
    Code.WAVE: Method.WAVE,
}
DRAWN_ON = {method: code for code, method in PAID_FROM.items()}
#: The branch whose last payouts wait for the second person.
WAITING = "GN_KINDIA"
#: What one of a currency is worth in another: examples, but for the peg of the CFA franc.
RATES = [
    ("XOF", "GNF", "15.4", "Taux d’exemple de la démonstration"),
    ("EUR", "XOF", "655.957", "Parité fixe du franc CFA"),
]


@dataclass
class Office:
    """The people who act (by sign-in), the branch that shows everything, and the days."""

    calendar: Calendar
    people: dict[str, User]
    capital: Site
    sites: list[Site] = field(default_factory=list)

    @property
    def today(self) -> datetime.date:
        return self.calendar.today

    @property
    def yesterday(self) -> datetime.date:
        return self.today - DAY

    @property
    def last_bank_day(self) -> datetime.date:
        """Yesterday, or the Friday before."""
        return self.yesterday - DAY * max(0, self.yesterday.weekday() - FRIDAY)

    @property
    def last_month(self) -> datetime.date:
        return self.calendar.this_month - relativedelta(months=1)

    @property
    def payday(self) -> datetime.date:
        """The day on which the owners get last month's money: lately, and within this month."""
        return max(self.calendar.this_month, self.today - 4 * DAY)


def work(calendar: Calendar, tell: Callable[[str], None]) -> None:
    """Do the office's work until the day of ``calendar``; ``tell`` hears of each step."""
    office = Office(
        calendar,
        {user.email.split("@")[0]: user for user in User.objects.filter(email__endswith=DOMAIN)},
        Site.objects.get(pk=CAPITAL),
        list(Site.objects.filter(is_active=True).order_by("pk")),
    )
    tell("Paying the owners")
    pay_former_months(office)
    # The contracts open wallets; what was paid before them stands on no statement of theirs.
    add_providers()
    bank = add_account(
        actor=office.people["admin"],
        site=office.capital,
        kind=MoneyAccount.Kind.BANK,
        name="Banque, compte des loyers",
        number="GN 014 001 2026018 44",
        is_shared=False,
    )
    lay_out_for_owners(office)
    share_a_bill(office)
    pay_last_month(office)
    tell("Handing over, closing the days, importing statements")
    collect_outside(office)
    hold_deposits(office)
    carry(office, bank)
    close_days(office)
    import_statements(office, bank)
    ask_and_be_told(office)
    ask_second_person(office)
    enter_rates(office)
    reconcile_all(office.today)
    tell("Calling late tenants")
    follow_up(office.people, office.today)


# Owners


def pay_former_months(office: Office) -> None:
    """Pay what was collected until last month but one: long spans at first, shorter ones then."""
    spans = {max(2, office.calendar.months >> step) for step in range(1, 5)}
    for months in sorted(spans, reverse=True):
        month = office.calendar.this_month - relativedelta(months=months)
        for site in office.sites:
            _pay(office, site, month, (month + relativedelta(months=1)).replace(day=5))


def _pay(office, site, month, paid_on) -> None:
    preparer = office.people["comptable" if site.pk == CAPITAL else "admin"]
    _choose_ways(preparer, site, month, paid_on)
    run = prepare_payouts(actor=preparer, site=site, month=month, value_date=paid_on)
    if month != office.last_month or site.pk != WAITING:
        approve_payouts(actor=office.people["pdg"], run=run)


def _choose_ways(actor, site, month, paid_on) -> None:
    """Let an owner whose usual account has too little be paid from where most money lies."""
    left = {
        row["account__code"]: row["there"]
        for row in JournalDay.objects.filter(
            site=site, account__code__in=PAID_FROM, day__lte=paid_on
        )
        .values("account__code")
        .annotate(there=Sum(F("debit") - F("credit")))
    }
    until = month + relativedelta(months=1, days=-1)
    owed = (
        JournalLine.objects.filter(
            site=site, account__code=Code.OWNER_PAYABLE, value_date__lte=until
        )
        .order_by()
        .values_list("owner")
        .annotate(left=-Sum("amount"))
    )
    ways = dict(OwnerPaymentDetails.objects.filter(site=site).values_list("owner", "method"))
    for owner, amount in sorted(owed, key=lambda row: (-row[1], row[0])):
        usual = ways.get(owner)
        if usual is None or left[DRAWN_ON[usual]] < amount:
            usual = PAID_FROM[max(left, key=lambda code: (left[code], code))]
            _change_way(actor, site, Owner.objects.get(pk=owner), usual)
        left[DRAWN_ON[usual]] -= amount


def _change_way(actor, site, owner, method) -> None:
    by_bank = method == Method.BANK_TRANSFER
    wallet = "" if method == Method.CASH else str(owner.phone)
    set_payment_details(
        actor=actor,
        site=site,
        owner=owner,
        method=method,
        bank="Banque de l’exemple" if by_bank else "",
        number=f"{site.country} 014 {owner.pk:09d}" if by_bank else wallet,
        holder=owner.name,
    )


def lay_out_for_owners(office: Office) -> None:
    """Pay a repair and an expense of last month; a larger one waits for the director."""
    houses = Property.objects.filter(site=office.capital).select_related("owner").order_by("pk")
    kind, day = OwnerCost.Kind, office.last_month
    for house, label, amount, what, on in zip(
        houses[:4],
        (
            "Pompe du forage réparée",
            "Serrures du portail",
            "Avance sur les loyers",
            "Toiture refaite",
        ),
        (850_000, 240_000, 900_000, 18_500_000),
        (kind.REPAIR, kind.EXPENSE, kind.ADVANCE, kind.REPAIR),
        (day.replace(day=9), day.replace(day=16), day.replace(day=22), office.yesterday),
        strict=False,
    ):
        enter_owner_cost(
            actor=office.people["comptable"],
            site=office.capital,
            owner=house.owner,
            property=house,
            kind=what,
            label=label,
            amount=amount,
            paid_from=Code.CASH,
            value_date=on,
        )


def share_a_bill(office: Office) -> None:
    """Charge last month's water to the tenants of one house; the guard of another is a draft."""
    leases = Lease.objects.filter(site=office.capital, state="active", end=None)
    houses = Property.objects.filter(leases__in=leases).distinct().order_by("-pk")[:2]
    bills = (
        (Utility.WATER, "Facture d’eau", 960_000),
        (Utility.GUARD, "Gardien de nuit", 1_200_000),
    )
    costs = [
        enter_shared_cost(
            actor=office.people["comptable"],
            house=house,
            utility=utility,
            label=label,
            amount=amount,
            first_day=office.last_month,
            last_day=office.calendar.this_month - DAY,
            shared_by=SharedCost.Key.EQUAL,
            paid_from=Code.CASH,
        )
        for house, (utility, label, amount) in zip(houses, bills, strict=False)
    ]
    for cost in costs[:1]:
        charge_shared_cost(
            actor=office.people["comptable"], cost=cost, due_date=office.today + 10 * DAY
        )


def pay_last_month(office: Office) -> None:
    for site in office.sites:
        _pay(office, site, office.last_month, office.payday)


# Cash


def collect_outside(office: Office) -> None:
    """Let the agent collect, hand over what he took first, and declare a part of the rest."""
    agent, secretary = office.people["agent"], office.people["secretaire"]
    debts = _open_rents(office)
    first = [_collect(office, agent, next(debts), office.yesterday) for _one in range(3)]
    notes = _notes(office.capital, sum(payment.amount for payment in first))
    handed = declare_hand_over(
        actor=agent, site=office.capital, notes=notes, key="demo-hand-over-1"
    )
    confirm_hand_over(actor=secretary, hand_over=handed, notes=notes)
    second = [_collect(office, agent, next(debts), office.today) for _one in range(3)]
    notes = _notes(office.capital, sum(payment.amount for payment in second[:2]))
    declare_hand_over(actor=agent, site=office.capital, notes=notes, key="demo-hand-over-2")


def _collect(office, agent, debt: Charge, day) -> Payment:
    return record_payment(
        actor=agent,
        lease=debt.lease,
        amount=debt.amount - debt.collected,
        method=Payment.Method.CASH,
        value_date=day,
    )


def _open_rents(office) -> Iterator[Charge]:
    """Yield the newest open rent of each lease that runs."""
    seen: set[int] = set()
    charges = Charge.objects.open().filter(
        site=office.capital, kind=Charge.Kind.RENT, lease__state="active", lease__end=None
    )
    for charge in charges.select_related("lease__site", "lease__tenant").order_by(
        "-due_date", "pk"
    ):
        if charge.lease_id not in seen:
            seen.add(charge.lease_id)
            yield charge


def hold_deposits(office: Office) -> None:
    """Take the deposits of the next two tenants who move in."""
    leases = Lease.objects.filter(
        site=office.capital, state="active", start__gt=office.today, deposit__gt=0
    )
    for lease in leases.select_related("site", "tenant", "property").order_by("start", "pk")[:2]:
        hold_deposit(
            actor=office.people["comptable"],
            lease=lease,
            amount=lease.deposit,
            method=Payment.Method.CASH,
            value_date=office.today,
        )


def carry(office: Office, bank: MoneyAccount) -> None:
    """Carry cheques and cash to the bank each Friday, and on the last day: that is on its way."""
    first = office.last_month.replace(day=6)
    days = [first + DAY * number for number in range((office.last_bank_day - first).days)]
    fridays = [day for day in days if day.weekday() == FRIDAY]
    for number, day in enumerate([*fridays, office.last_bank_day], start=1):
        kept = FLOAT if day in fridays else FLOAT // 3
        for code, stays in ((Code.CHEQUES, 0), (Code.CASH, kept)):
            amount = _spare(office.capital, code, day) - stays
            if amount > 0:
                carry_to_bank(
                    actor=office.people["comptable"],
                    site=office.capital,
                    amount=amount,
                    slip=f"{'BC' if code == Code.CHEQUES else 'BV'}{day:%y}{number:04d}",
                    day=day,
                    account=bank,
                    cheques=code == Code.CHEQUES,
                )


def _spare(site, code, day) -> int:
    """Return what can leave an account on ``day`` without it being short on that or a later one."""
    moves = JournalDay.objects.filter(site=site, account__code=code).order_by("day")
    there, evenings = 0, {day: 0}
    for on, move in moves.values_list("day", F("debit") - F("credit")):
        there += move
        evenings[max(on, day)] = there
    return min(evenings.values())


def close_days(office: Office) -> None:
    """Close each day on which the till moved; on the last but two, a note is missing."""
    till = Account.objects.get(site=office.capital, code=Code.CASH)
    moved = JournalDay.objects.filter(
        account=till, day__range=(office.last_month, office.yesterday)
    )
    days = list(moved.order_by("day").values_list("day", flat=True))
    for day in days:
        missing = 20_000 if day in days[-3:-2] else 0
        close_day(
            actor=office.people["secretaire"],
            site=office.capital,
            day=day,
            notes=_notes(office.capital, cash_in(till, until=day) - missing),
            remark="Un billet manque, recompté deux fois." if missing else "",
        )


def _notes(site, amount: int) -> dict[int, int]:
    """Count ``amount`` in as few notes and coins as there are."""
    notes = {}
    for worth in DENOMINATIONS[site.currency]:
        notes[worth], amount = divmod(amount, worth)
    return notes


# Statements


def import_statements(office: Office, bank: MoneyAccount) -> None:
    """Hand in what bank and Orange Money saw since last month's first days; explain what is sure.

    Lines of tenants whom nobody has named stay in the inbox, with those that they may be of.
    """
    wallet = MoneyAccount.objects.get(site=office.capital, code=Code.ORANGE_MONEY)
    first, last = office.last_month.replace(day=6), office.yesterday
    unknown = _open_rents(office)
    for account, write in ((bank, bank_paper), (wallet, wallet_paper)):
        movements = [
            *known_movements(account, first, last),
            *unknown_movements(account, unknown, last),
        ]
        statement = receive_statement(
            actor=office.people["comptable"],
            site=office.capital,
            account=account,
            name=f"{account.kind}-{first:%Y%m%d}-{last:%Y%m%d}.csv",
            content=write(movements, opening=_there(account, first)),
        )
        perform_job(statement.job_id)
        _explain(office, account)


def _there(account, first) -> int:
    mirror = Account.objects.get(site=account.site_id, code=account.code)
    return cash_in(mirror, until=first - DAY)


def _explain(office, account) -> None:
    lines = StatementLine.objects.filter(account=account, state__in=StatementLine.OPEN)
    for line in lines.select_related("account", "site").order_by("day", "pk"):
        payouts = entries_explaining(line, Explanation.PAYOUT)
        _payout, proved = likely_entries(line, {Explanation.PAYOUT: payouts})
        said = None
        if proved:
            said = {"explanation": Explanation.PAYOUT, "entries": proved}
        elif line.amount < 0:
            said = {"explanation": Explanation.FEE}
        elif deposit_of(line) is not None:
            said = {"explanation": Explanation.TRANSFER}
        if said:
            explain_line(actor=office.people["comptable"], line=line, **said)


# Tenants' telephones, and rates


def ask_and_be_told(office: Office) -> None:
    """Ask one tenant by mobile money; let another one say that he has paid."""
    asked, told = list(_open_rents(office))[-2:]
    attempt, _is_new = open_attempt(
        actor=office.people["secretaire"],
        lease=asked.lease,
        amount=asked.amount - asked.collected,
        kind=Provider.Kind.ORANGE_MONEY,
        phone=asked.lease.tenant.phone,
    )
    note_start(
        actor=User.objects.system(), attempt=attempt, started=Started(session=attempt.order_id)
    )
    make_claim(
        actor=User.objects.system(),
        lease=told.lease,
        amount=told.amount - told.collected,
        method=Payment.Method.MTN_MOMO,
        paid_on=office.yesterday,
        reference=f"MP{office.yesterday:%y%m%d}.1142.A{told.lease_id:05d}",
        message="J’ai payé hier soir par MTN.",
    )


def ask_second_person(office: Office) -> None:
    """Ask to waive the largest open rent: that is above the threshold of the branch."""
    largest = max(_open_rents(office), key=lambda charge: charge.amount)
    waive_charge(
        actor=office.people["comptable"],
        charge=largest,
        reason="Logement inhabitable pendant les travaux du toit",
    )


def enter_rates(office: Office) -> None:
    """Enter a rate for each month of the last year, on its last day that has come."""
    for currency, into, rate, source in RATES:
        for months in range(13):
            first = office.calendar.this_month - relativedelta(months=months)
            enter_rate(
                actor=office.people["comptable"],
                currency=currency,
                into=into,
                day=min(office.today, first + relativedelta(months=1, days=-1)),
                rate=Decimal(rate),
                source=source,
            )
