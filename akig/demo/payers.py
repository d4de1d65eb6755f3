"""How the tenants of the demonstration pay: well, irregularly, badly; by the seasons."""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from akig.demo.calendar import Calendar

METHODS = {
    "GN": {
        "cash": 44, "orange_money": 32, "mtn_momo": 10, "bank_transfer": 9, "cheque": 3,
        "merchant_code": 2,
    },
    "SN": {"wave": 38, "orange_money": 25, "cash": 15, "bank_transfer": 16, "cheque": 6},
    "ML": {"orange_money": 44, "cash": 26, "bank_transfer": 19, "wave": 6, "cheque": 5},
}  # fmt: skip


@dataclass(frozen=True)
class Habit:
    """How common it is; how likely a month is skipped; the days after the due day (from, to); how
    likely a part is paid, and the rest days later; how likely old debts are paid with the new."""

    share: float
    skips: float
    days: tuple[int, int]
    parts: float
    finishes: float
    clears: float


HABITS = {
    "good": Habit(0.69, 0.003, (-4, 2), 0.10, 0.99, 0.97),
    "irregular": Habit(0.22, 0.03, (-2, 17), 0.30, 0.95, 0.85),
    "bad": Habit(0.055, 0.15, (4, 36), 0.30, 0.60, 0.12),
    "ruined": Habit(0.035, 0.04, (0, 20), 0.20, 0.80, 0.70),
}
REASONS = ["Saisi deux fois", "Erreur de montant", "Chèque sans provision", "Mauvais locataire"]
OPENS, CLOSES = 8 * 3600, 17 * 3600 + 1800
SUNDAY = 0  # of an ordinal day, modulo 7
PREFIX = {
    "orange_money": "PP", "mtn_momo": "MP", "wave": "TW", "merchant_code": "MC",
    "bank_transfer": "VIR", "cheque": "CHQ",
}  # fmt: skip
SCATTER = 7919  # spreads the numbers of leases over the references, each still its own
MODULUS = 9_999_991


@dataclass(frozen=True, slots=True)
class Dues:
    """What a lease owes: for each period its due day (ordinal) and amount, oldest first."""

    lease_id: int
    country: str
    step: int
    end: int | None
    periods: list[tuple[int, int]]
    opening: int
    per_month: bool


def lines_of(rows: list[tuple], calendar: Calendar, seed: int) -> str:
    """Return the payments of some leases as lines of COPY; ``rows`` are those of ``books.OWED``."""
    lines = []
    for lease_id, country, step, end, days, totals, opening, per_month in rows:
        periods = list(zip(days, totals, strict=True))
        dues = Dues(lease_id, country, step, end, periods, opening, per_month)
        lines += payments_of(dues, calendar, seed)
    return "".join(lines)


def payments_of(dues: Dues, calendar: Calendar, seed: int) -> Iterator[str]:
    """Yield the payments of one lease as lines of COPY, in the order of their days.

    Columns: lease, amount, method, reference, value date, entry time, cancelled, reason, agent.
    """
    rng = random.Random(f"{seed}:{dues.lease_id}")  # noqa: S311 - invented, and the same each time
    payer = Payer(rng, dues, calendar)
    methods = METHODS[dues.country]
    names, weights = list(methods), list(accumulate(methods.values()))
    usual = rng.choices(names, cum_weights=weights)[0]
    for amount, day in payer.pays():
        method = usual if rng.random() < 0.8 else rng.choices(names, cum_weights=weights)[0]
        yield _line(rng, dues, method, amount, day)
        if rng.random() < 0.003:
            yield _line(rng, dues, method, amount, day, cancelled=True)


class Payer:
    """One tenant's habits, and what follows from them month by month."""

    def __init__(self, rng: random.Random, dues: Dues, calendar: Calendar):
        self.rng, self.dues, self.strain = rng, dues, calendar.strain
        self.today = calendar.today.toordinal()
        names = list(HABITS)
        self.name = rng.choices(names, [HABITS[name].share for name in names])[0]
        self.habit = HABITS[self.name]
        self.ahead = 1
        if self.name == "good" and dues.per_month and rng.random() < 0.08:
            self.ahead = rng.choice([2, 3, 3, 6])
        self.stops = self._last_paid_period()
        self.owed = dues.opening

    def pays(self) -> Iterator[tuple[int, int]]:
        """Yield amounts and days (ordinals)."""
        earliest = 0
        for index, (due, amount) in enumerate(self.dues.periods):
            self.owed += amount
            if index >= self.stops or self.owed <= 0:
                continue
            month = datetime.date.fromordinal(due)
            hard = self.strain.get((month.year, month.month), 1.0)
            if self.rng.random() < self.habit.skips * hard:
                continue
            day = max(due + self._late(hard), earliest)
            day += day % 7 == SUNDAY
            for money, on in self._parts(self._wanted(amount, day), day, hard):
                if on < self.today:
                    yield money, on
                    self.owed -= money
                    earliest = on + 1

    def _last_paid_period(self) -> int:
        """Return how many periods are paid at all: some stop, and some leave with a debt."""
        number = len(self.dues.periods)
        if self.dues.end is not None and self.rng.random() < 0.22:
            return max(1, number - self.rng.randint(1, 8))
        if self.name == "ruined":
            return max(1, number - self.rng.randint(2, 26))
        return number

    def _late(self, hard: float) -> int:
        soonest, latest = self.habit.days
        return soonest + round((latest - soonest) * self.rng.random() ** (1.6 / hard))

    def _wanted(self, amount: int, day: int) -> int:
        """Return what the tenant means to pay: all that is owed, this period, or several ahead."""
        wanted = self.owed
        if wanted > amount and self.rng.random() > self.habit.clears:
            wanted = amount
        stays = self.dues.end is None or self.dues.end > day + 31 * self.ahead
        return wanted + (self.ahead - 1) * amount if stays else wanted

    def _parts(self, wanted: int, day: int, hard: float) -> list[tuple[int, int]]:
        rng, step = self.rng, self.dues.step
        if rng.random() >= self.habit.parts * hard:
            return [(wanted, day)]
        part = max(step, int(wanted * (0.4 + 0.4 * rng.random())) // step * step)
        if part >= wanted:
            return [(wanted, day)]
        if rng.random() > self.habit.finishes:
            return [(part, day)]
        later = day + rng.randint(4, 14)
        return [(part, day), (wanted - part, later + (later % 7 == SUNDAY))]


def _line(rng, dues, method, amount, day, *, cancelled=False):
    second = int(OPENS + (CLOSES - OPENS) * rng.random())
    hour, minute = second // 3600, second // 60 % 60
    date, short = _written(day)
    reference = ""
    if method in PREFIX:
        own = dues.lease_id * SCATTER % MODULUS
        reference = f"{PREFIX[method]}{short}.{hour:02d}{minute:02d}.{own:07d}"
    agent = method == "cash" and rng.random() < 0.3
    reason = rng.choice(REASONS) if cancelled else ""
    return (
        f"{dues.lease_id}\t{amount}\t{method}\t{reference}\t{date}\t"
        f"{date} {hour:02d}:{minute:02d}:{second % 60:02d}+00\t{cancelled:d}\t{reason}\t{agent:d}\n"
    )


@cache
def _written(day: int) -> tuple[str, str]:
    date = datetime.date.fromordinal(day)
    return str(date), f"{date:%y%m%d}"
