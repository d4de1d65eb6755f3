"""What the demonstration's branches manage: owners, properties, units, tenants, leases."""

import datetime
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from django.db import connection

from akig.demo import words
from akig.demo.bulk import copy
from akig.demo.calendar import Calendar
from akig.demo.words import Place
from payments.models import AgencyCost
from sites_app.models import Equipment, MaintenanceTicket, Mandate, Owner, Property, Unit
from tenants.models import Guarantor, Lease, Occupancy, RentChange, Tenant, TenantPhone

MADE = ("version", "created_at")
COLUMNS = {
    Owner: (
        "id", *MADE, "site_id", "code", "name", "phone", "email", "address", "usual_commission",
        "language", "notes",
    ),
    Property: (
        "id", *MADE, "site_id", "owner_id", "code", "name", "kind", "commune", "quartier",
        "landmark", "latitude", "longitude", "notes",
    ),
    Unit: (
        "id", *MADE, "site_id", "property_id", "number", "kind", "floor", "rooms", "area",
        "advised_rent", "notes",
    ),
    Mandate: ("id", *MADE, "site_id", "owner_id", "property_id", "commission", "days", "reference"),
    Tenant: (
        "id", *MADE, "site_id", "code", "name", "email", "language", "channel", "profession",
        "employer", "state", "notes",
    ),
    TenantPhone: ("id", "site_id", "tenant_id", "number", "is_primary"),
    Guarantor: (
        "id", *MADE, "site_id", "tenant_id", "name", "phone", "relation", "profession",
    ),
    Lease: (
        "id", *MADE, "site_id", "reference", "tenant_id", "property_id", "start", "end", "rent",
        "service_charge", "periodicity", "due_day", "deposit", "usage", "furnished", "state",
        "taken_over_on", "signed_on", "notes",
    ),
    Occupancy: ("id", "site_id", "lease_id", "unit_id", "days", "holds"),
    RentChange: ("id", "site_id", "lease_id", "valid_from", "rent", "service_charge", "reason"),
    Equipment: (
        "id", *MADE, "site_id", "property_id", "unit_id", "name", "brand", "serial",
        "installed_on", "state",
    ),
    MaintenanceTicket: (
        "id", *MADE, "site_id", "property_id", "unit_id", "title", "description", "kind",
        "category", "priority", "state", "reported_on", "closed_on", "estimate", "cost",
    ),
    AgencyCost: ("id", *MADE, "site_id", "month", "category", "amount", "notes"),
}  # fmt: skip
TABLES = [model._meta.db_table for model in COLUMNS]
DAY = datetime.timedelta(days=1)

#: What a branch spends each month, as parts of its usual commission.
COSTS = {
    "management": 0.11, "salaries": 0.36, "maintenance": 0.10, "utilities": 0.06, "other": 0.04
}  # fmt: skip
LETTERS = "ABCDEFGHJKLM"


@dataclass
class Numbers:
    """The next id of each table, shared by all branches."""

    _next: dict = field(default_factory=dict)

    def take(self, model) -> int:
        if model not in self._next:
            with connection.cursor() as cursor:
                table = model._meta.db_table
                cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")  # noqa: S608  # nosec B608 # our own names
                self._next[model] = count(cursor.fetchone()[0])
        return next(self._next[model])


@dataclass(frozen=True)
class Stay:
    """One lease's days in a unit, and how it stands today."""

    start: datetime.date
    end: datetime.date | None
    state: str


class Branch:
    """Makes the rows of one branch: houses until ``leases`` leases are in them."""

    def __init__(self, place: Place, leases: int, calendar: Calendar, seed: int, numbers: Numbers):
        self.place, self.leases, self.calendar, self.numbers = place, leases, calendar, numbers
        self.country = place.code[:2]
        self.rng = random.Random(f"{seed}:{place.code}")  # noqa: S311 - invented, repeatable
        self.rows: dict[type, list[tuple]] = defaultdict(list)
        self.openings: list[tuple[int, int]] = []
        self.owner = (0, 0, datetime.date.min)  # id, houses still to give it, since when
        self.made: dict[type, int] = defaultdict(int)
        self.phones = 0
        self.rent_total = 0

    def build(self) -> None:
        while self.made[Lease] < self.leases:
            self.add_house()
        self.add_costs()

    def store(self) -> None:
        for model, columns in COLUMNS.items():
            copy(model._meta.db_table, columns, self.rows[model])
        copy("demo_opening", ("lease_id", "amount"), self.openings)

    # --- Houses

    def add_house(self) -> None:
        rng, quarter = self.rng, self.rng.choice(self.place.quarters)
        kinds = words.HOUSES
        kind, _common, word, least, most, unit, level = rng.choices(
            kinds, [row[1] for row in kinds]
        )[0]
        owner = self.next_owner()
        name = f"{word} {rng.choice(words.TREES)}"
        if word in ("Cour", "Concession", "Villa"):
            name = f"{word} {rng.choice(words.FAMILY[self.country])}"
        number = self.next_number(Property)
        begun = self.begun()
        house = self.add(
            Property,
            1, begun, self.place.code, owner, f"B-{number:04d}", f"{name} – {quarter.name}", kind,
            quarter.commune, quarter.name, rng.choice(words.LANDMARKS),
            f"{quarter.latitude + rng.gauss(0, 0.003):.6f}",
            f"{quarter.longitude + rng.gauss(0, 0.003):.6f}", "",
        )  # fmt: skip
        self.add_mandates(owner, house, number)
        rent = self.place.rent * quarter.level * level * rng.uniform(0.8, 1.25)
        # A villa or a residence shares a guard, a generator and a garden.
        serviced = kind == "residence" and rng.random() < 0.5
        units = [
            self.add_unit(house, place, kind, unit, rent * rng.uniform(0.85, 1.2), begun)
            for place in range(rng.randint(least, most))
        ]
        self.let(house, units, serviced)
        self.add_care(house, units)

    def next_owner(self) -> int:
        owner, left, since = self.owner
        if left:
            self.owner = (owner, left - 1, since)
            return owner
        rng, number = self.rng, self.next_number(Owner)
        name = self.person() if rng.random() < 0.8 else f"SCI {rng.choice(words.TREES)}"
        since = self.calendar.first - DAY * rng.randint(30, 1500)
        code = f"P-{self.place.code[3:6]}-{number:04d}"
        owner = self.add(
            Owner,
            1, self.at(since), self.place.code, code, name, self.phone(),
            f"{code.lower()}@exemple.invalid" if rng.random() < 0.5 else "",
            f"{rng.choice(self.place.quarters).name}, {self.place.code[3:].title()}",
            None, "fr", "",
        )  # fmt: skip
        # The first owner of a branch has several houses: the one who signs in sees something.
        self.owner = (owner, 4 if number == 1 else rng.choice([0, 0, 1, 1, 2, 3]), since)
        return owner

    def add_mandates(self, owner: int, house: int, number: int) -> None:
        rng, since = self.rng, self.calendar.first - DAY * 3000
        rate = rng.choice(["8", "9", "10", "10", "10", "12"])
        reference = f"MANDAT-{self.place.code}-{number:04d}"
        if rng.random() < 0.1:
            change = self.calendar.month(rng.randrange(self.calendar.months // 2) + 6)
            spans = [(rate, since, change), (str(int(rate) - 1 or 8), change, None)]
        else:
            spans = [(rate, since, None)]
        for part, (percent, start, stop) in enumerate(spans):
            self.add(
                Mandate,
                1, self.at(max(start, self.calendar.first - DAY * 900)), self.place.code, owner,
                house, percent, f"[{start},{stop or ''})", f"{reference}{'-B' * part}",
            )  # fmt: skip

    def add_unit(self, house, place, house_kind, kind, rent, begun) -> tuple[int, str, int]:
        """Return the unit's id, kind and usual rent in minor units."""
        rng = self.rng
        floor = place // 4
        number = {"building": f"{LETTERS[floor]}{place % 4 + 1}", "villa": "V1"}.get(
            house_kind, f"{place + 1:02d}"
        )
        if kind == "flat" and rng.random() < 0.15:
            kind, rent = "studio", rent * 0.55
        rent = self.rent(rent)
        rooms = {"studio": 1, "room": 1, "villa": rng.randint(5, 8), "flat": rng.randint(2, 5)}
        unit = self.add(
            Unit,
            1, begun, self.place.code, house, number, kind,
            ("RDC" if not floor else str(floor)) if house_kind in ("building", "residence") else "",
            rooms.get(kind), rng.randint(12, 30) * max(1, rooms.get(kind, 2)), rent, "",
        )  # fmt: skip
        return unit, kind, rent

    # --- Who lives there

    def let(self, house: int, units: list[tuple], serviced: bool) -> None:
        taken = 0
        for place, (unit, kind, rent) in enumerate(units):
            if taken:
                taken -= 1
                continue
            stays = list(self.stays())
            held = [unit]
            if len(units) > place + 1 and len(stays) == 1 and self.rng.random() < 0.03:
                held.append(units[place + 1][0])
                rent, taken = rent + units[place + 1][2], 1
            for stay in stays:
                if self.made[Lease] < self.leases:
                    self.add_lease(house, held, kind, rent, stay, serviced)

    def stays(self) -> Iterator[Stay]:
        """Yield the leases of one unit during the months of the demonstration, oldest first."""
        rng, calendar = self.rng, self.calendar
        today, draw = calendar.today, self.rng.random()
        long_ago = self.day_in(calendar.first - DAY * rng.randint(40, 1700))
        ends = today + DAY * rng.randint(40, 700) if rng.random() < 0.2 else None
        if draw < 0.745:
            yield Stay(long_ago, ends, "active")
        elif draw < 0.768:
            yield Stay(long_ago, today + DAY * rng.randint(4, 70), "notice_given")
        elif draw < 0.885:
            start = self.day_in(calendar.month(rng.randint(5, calendar.months - 1)))
            if start > today:
                start = calendar.this_month
            if rng.random() < 0.45:
                yield self.former(long_ago, start - DAY * rng.randint(1, 75))
            yield Stay(start, ends, "active")
        elif draw < 0.898:
            start = self.day_in(today + DAY * rng.randint(8, 50))
            start = max(start, today + DAY * 3)
            if rng.random() < 0.5:
                yield self.former(long_ago, today - DAY * rng.randint(1, 40))
            yield Stay(start, None, "active")
        elif draw < 0.945:
            yield self.former(long_ago, today - DAY * rng.randint(5, 500))

    def former(self, start: datetime.date, end: datetime.date) -> Stay:
        end = max(end, self.calendar.first + DAY * 20)
        return Stay(start, end, self.rng.choice(["terminated", "terminated", "expired"]))

    def add_lease(self, house, units, kind, rent, stay: Stay, serviced: bool) -> None:
        rng, calendar, site = self.rng, self.calendar, self.place.code
        business = kind in ("shop", "office")
        if stay.state in ("terminated", "expired"):
            rent = self.rent(rent * 0.93)
        if stay.start >= calendar.this_month or stay.state != "active":
            periodicity = 1
        else:
            periodicity = rng.choices([1, 3, 6, 12], [90, 6, 2.5, 1.5])[0]
        service = self.round(rent * 0.06) if serviced else 0
        over = calendar.taken_over if stay.start <= calendar.taken_over else None
        tenant = self.add_tenant(stay, business)
        lease = self.add(
            Lease,
            1, self.at(stay.start - DAY * 5), site,
            f"BAIL-{stay.start.year}-{self.next_number(Lease):04d}", tenant, house, stay.start,
            stay.end, rent, service, periodicity, 10 if rng.random() < 0.08 else None,
            rent * rng.choice([1, 2, 2, 3]), "business" if business else "housing",
            kind in ("villa", "studio") and rng.random() < 0.3, stay.state, over,
            stay.start - DAY * 5, "",
        )  # fmt: skip
        for unit in units:
            stop = stay.end + DAY if stay.end else ""
            self.add(Occupancy, site, lease, unit, f"[{stay.start},{stop})", True)
        if over:
            self.add_opening(lease, rent)
        running = stay.state not in ("terminated", "expired") and stay.start <= calendar.today
        if running:
            self.rent_total += rent
        if running and over and rng.random() < 0.3:
            raised = self.rent(rent * rng.uniform(1.04, 1.12)) + self.place.step
            day = calendar.month(rng.randint(7, calendar.months - 1))
            self.add(RentChange, site, lease, day, raised, service, "Révision annuelle")

    def add_opening(self, lease: int, rent: int) -> None:
        draw = self.rng.random()
        if draw < 0.2:
            self.openings.append((lease, self.round(rent * self.rng.uniform(0.5, 2.5))))
        elif draw < 0.27:
            self.openings.append((lease, -rent * self.rng.randint(1, 3)))

    def add_tenant(self, stay: Stay, business: bool) -> int:
        rng, site = self.rng, self.place.code
        name = self.person()
        if business and rng.random() < 0.6:
            name = rng.choice(words.FIRMS).format(name=rng.choice(words.FAMILY[self.country]))
        number = self.next_number(Tenant)
        made = self.at(stay.start - DAY * 8)
        over = stay.state in ("terminated", "expired")
        tenant = self.add(
            Tenant,
            1, made, site, f"L-{number:04d}", name,
            f"l{number:05d}.{site[3:].lower()}@exemple.invalid" if rng.random() < 0.3 else "",
            self.place.language, rng.choice(["call", "call", "sms", "whatsapp"]),
            rng.choice(words.PROFESSIONS), "", "former" if over else "active", "",
        )  # fmt: skip
        self.add(TenantPhone, site, tenant, self.phone(), True)
        if rng.random() < 0.2:
            self.add(TenantPhone, site, tenant, self.phone(), False)
        if rng.random() < 0.3:
            relation, work = rng.choice(words.RELATIONS), rng.choice(words.PROFESSIONS)
            self.add(Guarantor, 1, made, site, tenant, self.person(), self.phone(), relation, work)
        return tenant

    # --- What breaks, what it costs

    def add_care(self, house: int, units: list[tuple]) -> None:
        rng, site, today = self.rng, self.place.code, self.calendar.today
        if rng.random() < 0.4:
            name, brand = rng.choice(words.EQUIPMENT)
            day = today - DAY * rng.randint(100, 2500)
            state = rng.choice(["working", "working", "working", "faulty", "out_of_use"])
            serial = f"SN-{rng.randint(10_000, 99_999)}"
            self.add(Equipment, 1, self.at(day), site, house, None, name, brand, serial, day, state)
        for _ticket in range(rng.choice([0, 0, 1, 1, 2])):
            category, title = rng.choice(words.TROUBLES)
            day = today - DAY * rng.randint(1, 400)
            age = (today - day).days
            state = (
                "done" if age > 30 or rng.random() < 0.4 else rng.choice(["open", "in_progress"])
            )
            closed = min(today, day + DAY * rng.randint(1, 25)) if state == "done" else None
            guess = self.round(self.place.rent * rng.uniform(0.1, 1.2))
            self.add(
                MaintenanceTicket,
                1, self.at(day), site, house, rng.choice(units)[0], title, "",
                rng.choice(["corrective", "corrective", "preventive", "emergency"]), category,
                rng.choice(["low", "medium", "medium", "high", "urgent"]), state, day, closed,
                guess, self.round(guess * rng.uniform(0.8, 1.3)) if state == "done" else None,
            )  # fmt: skip

    def add_costs(self) -> None:
        """Enter each finished month's costs, so that the agency keeps something of its fees."""
        for index in range(self.calendar.months - 1):
            month = self.calendar.month(index)
            for category, part in COSTS.items():
                usual = self.rent_total * 0.095 * part * (0.85 + 0.15 * index / 36)
                amount = self.round(usual * self.rng.uniform(0.85, 1.15))
                self.add(
                    AgencyCost, 1, self.at(month), self.place.code, month, category, amount, ""
                )

    # --- Small things

    def add(self, model, *values) -> int:
        number = self.numbers.take(model)
        self.rows[model].append((number, *values))
        return number

    def next_number(self, model) -> int:
        self.made[model] += 1
        return self.made[model]

    def person(self) -> str:
        rng = self.rng
        names = words.GIVEN[self.country]
        half = len(names) // 2
        sex = names[:half] if rng.random() < 0.62 else names[half:]
        given = rng.choice(sex)
        if rng.random() < 0.12:
            given = f"{given} {rng.choice(sex)}"
        return f"{given} {rng.choice(words.FAMILY[self.country])}"

    def phone(self) -> str:
        """Return a number of a block that a country's operators leave at 00: nobody's."""
        self.phones += 1
        number = self.phones * 7 + self.rng.randrange(7)
        if self.country == "GN":
            return f"+22462{number // 10_000 % 10}00{number % 10_000:04d}"
        if self.country == "SN":
            return f"+22177000{number % 10_000:04d}" if number < 10_000 else (
                f"+2217{'5678'[number // 100_000 % 4]}00{number % 100_000:05d}"
            )  # fmt: skip
        return f"+223{6 + number // 100_000 % 2}{number // 10_000 % 10}00{number % 10_000:04d}"

    def round(self, amount: float) -> int:
        return max(1, round(amount / self.place.step)) * self.place.step

    def rent(self, amount: float) -> int:
        return min(self.place.ceiling, max(self.place.floor, self.round(amount)))

    def day_in(self, day: datetime.date) -> datetime.date:
        return day.replace(day=1 if self.rng.random() < 0.75 else self.rng.randint(2, 28))

    def begun(self) -> str:
        return self.at(self.calendar.first - DAY * self.rng.randint(10, 900))

    def at(self, day: datetime.date) -> str:
        """Return when a row of ``day`` was entered, as COPY reads it."""
        return f"{min(day, self.calendar.today - DAY)} 09:00+00"
