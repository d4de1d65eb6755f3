"""Whose money is this? Leases that a line of a statement may be for, with score and reasons.

Nothing is written here. A ``Book`` holds what tells the tenants of some branches apart:
references, telephones, names, and who has paid for whom. Lines are asked for in thousands, and
the database a few times for each thousand, never once a line.

A score of 100 is given to one thing only: the reference of one lease, written out. Such a line is
posted without asking. Everything else is for a person to accept.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import Min
from django.utils import timezone
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from akig.lib.parsing import fold, phones
from payments.models import Account, Charge, JournalLine, KnownPayer, LinePart, Payment
from payments.services.suspense import CERTAIN
from tenants.models import Guarantor, Lease, Tenant, TenantPhone

MOST = 5

#: What each sign is worth. The strongest counts in full, each other sign of the lease a little.
WORTH = {
    "recorded": 90,
    "payer": 75,
    "phone": 70,
    "over": 65,
    "references": 62,
    "name": 60,
    "payer_name": 58,
    "phone_shared": 55,
    "guarantor": 50,
    "name_shared": 45,
    "sender": 44,
    "name_near": 42,
    "part_of_name": 40,
    "sender_shared": 40,
}
BESIDE = 8
AMOUNT = {"open": 15, "rent": 12, "rents": 6}
DUE_SOON, DUE = timedelta(days=10), 3
#: A payment of the desk without a number is the same money when it is dated this near.
NEAR = timedelta(days=2)

WORD = re.compile(r"[a-z0-9]+")
NUMBER = re.compile(r"(?<!\d)\+?\d{8,15}(?!\d)")
LONGEST_NAME = 5
LONGEST_REFERENCE = 6
FEWEST_LETTERS = 4
SEVERAL_RENTS = 12


@dataclass(slots=True)
class Asked:
    """What matching looks at of a line: amounts in minor units."""

    day: date
    amount: int
    text: str = ""
    party: str = ""
    phone: str = ""


@dataclass(slots=True)
class Candidate:
    """A lease that the money may be for; ``payment`` when the desk has recorded it already."""

    lease: int
    signs: list[str] = field(default_factory=list)
    score: int = 0
    payment: int | None = None

    def kept(self) -> dict:
        """Return what a line keeps of it."""
        told = {"lease": self.lease, "score": self.score, "reasons": self.signs}
        return told | {"payment": self.payment} if self.payment else told


@dataclass(slots=True)
class Facts:
    """What is known of a lease today, in minor units."""

    rent: int = 0
    owed: int = 0
    due: date | None = None


def words_of(text: str) -> list[str]:
    """Return the words of a text as keys: no accent, capital or punctuation."""
    return WORD.findall(text.lower()) if text.isascii() else fold(text).split()


def mark_of(party: str) -> str:
    """Return the key under which the name of a payer is remembered."""
    return " ".join(words_of(party))[:150]


class Book:
    """The leases of some branches (``sites``, codes), by all that may name them."""

    def __init__(self, sites: Sequence[str], region: str = ""):
        self.sites = list(sites)
        self.region = region
        self.ends: dict[int, date | None] = {}
        self.of_tenant: dict[int, list[int]] = defaultdict(list)
        self.by_reference: dict[str, list[int]] = defaultdict(list)
        self.by_phone: dict[str, list[int]] = defaultdict(list)
        self.by_guarantor: dict[str, list[int]] = defaultdict(list)
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.by_part: dict[str, list[int]] = defaultdict(list)
        self.by_mark: dict[str, list[int]] = defaultdict(list)
        self.beginnings: set[str] = set()
        self.current: dict[int, list[int]] = {}
        self.near: dict[str, str] = {}
        self.facts: dict[int, Facts] = {}
        self._read()

    def _read(self) -> None:
        leases = Lease.objects.filter(site__in=self.sites).real()
        for key, reference, tenant, end in leases.order_by("-start").values_list(
            "pk", "reference", "tenant_id", "end"
        ):
            self.ends[key] = end
            self.of_tenant[tenant].append(key)
            self.by_reference["".join(words_of(reference))].append(key)
        for written in self.by_reference:
            self.beginnings.update(written[:upto] for upto in range(1, len(written) + 1))
        vocabulary = set()
        for tenant, name in Tenant.objects.filter(site__in=self.sites).values_list("pk", "name"):
            if tenant not in self.of_tenant:
                continue
            words = words_of(name)
            vocabulary.update(words)
            self.by_name[" ".join(sorted(words))].append(tenant)
            if len(words) > 2:
                self.by_part[" ".join(sorted((words[0], words[-1])))].append(tenant)
        self.vocabulary = vocabulary
        self.spelled = [word for word in vocabulary if len(word) >= FEWEST_LETTERS]
        of_these = {"tenant__site__in": self.sites}
        numbers = TenantPhone.objects.filter(**of_these).values_list("number", "tenant_id")
        for number, tenant in numbers:
            self.by_phone[str(number)].append(tenant)
        guarantors = Guarantor.objects.filter(**of_these).exclude(phone="")
        for number, tenant in guarantors.values_list("phone", "tenant_id"):
            self.by_guarantor[str(number)].append(tenant)
        payers = KnownPayer.objects.filter(lease__site__in=self.sites)
        for mark, lease in payers.order_by("-times").values_list("mark", "lease_id"):
            self.by_mark[mark].append(lease)

    def candidates(self, lines: Sequence[Asked]) -> list[list[Candidate]]:
        """Return for each line its candidates, the best first, at most ``MOST``."""
        found = [self._signs(line) for line in lines]
        keys = {lease for signs in found for lease in signs}
        if not keys:
            return [[] for _line in lines]
        self.facts |= facts_of(keys - self.facts.keys())
        recorded = self._recorded(keys, lines)
        return [
            self._ranked(line, signs, recorded) for line, signs in zip(lines, found, strict=True)
        ]

    def _signs(self, line: Asked) -> dict[int, list[str]]:
        """Return the leases that something in the line names, with the signs."""
        signs: dict[int, list[str]] = defaultdict(list)
        words = words_of(line.text)
        named = self._references(words)
        for lease in named:
            signs[lease].append("reference" if len(named) == 1 else "references")
        if len(named) == 1:
            return signs
        for phone in [line.phone] if line.phone else self._numbers(line.text):
            self._add(signs, self.by_phone.get(phone, ()), "phone", "phone_shared")
            self._add(signs, self.by_guarantor.get(phone, ()), "guarantor", "guarantor")
            for lease in self.by_mark.get(phone, ()):
                signs[lease].append("payer")
        sender = words_of(line.party)
        if sender:
            for lease in self.by_mark.get(" ".join(sender), ()):
                signs[lease].append("payer_name")
        # The payer's own name in the text says nothing of whom he pays for.
        rest = without(words, sender)
        if not self._name(signs, rest, "name", "name_shared"):
            self._near_name(signs, rest)
        if sender and not self._name(signs, sender, "sender", "sender_shared"):
            self._part(signs, sender)
        return signs

    def _references(self, words: list[str]) -> list[int]:
        """Return the leases whose reference is written out, from the start to the end of words."""
        found: list[int] = []
        at = 0
        while at < len(words):
            step = 1
            written = ""
            for upto in range(at, min(at + LONGEST_REFERENCE, len(words))):
                written += words[upto]
                if written not in self.beginnings:
                    break
                leases = self.by_reference.get(written)
                if leases and (len(written) > FEWEST_LETTERS and any(map(str.isdigit, written))):
                    found += [lease for lease in leases if lease not in found]
                    step = upto - at + 1
            at += step
        return found

    def _numbers(self, text: str) -> list[str]:
        if not NUMBER.search(text):
            return []
        region = self.region
        return [
            number for written in NUMBER.findall(text) for number in phones(written, region).numbers
        ]

    def _add(self, signs, tenants: Iterable[int], alone: str, shared: str) -> None:
        leases = [lease for tenant in tenants for lease in self._current(tenant)]
        for lease in leases:
            signs[lease].append(alone if len(leases) == 1 else shared)

    def _current(self, tenant: int) -> list[int]:
        """Return the leases of a tenant that run, or the last one that did."""
        if tenant not in self.current:
            leases = self.of_tenant.get(tenant, [])
            running = [lease for lease in leases if self.ends[lease] is None]
            dated = [lease for lease in leases if self.ends[lease] is not None]
            today = timezone.localdate()
            running += [lease for lease in dated if self.ends[lease] >= today]
            self.current[tenant] = running or leases[:1]
        return self.current[tenant]

    def _name(self, signs, words: list[str], alone: str, shared: str) -> bool:
        """Look for whole names of tenants among neighbouring words, in any order."""
        tenants: dict[int, None] = {}
        for at, word in enumerate(words):
            if word not in self.vocabulary:
                continue
            for upto in range(at + 2, min(at + LONGEST_NAME, len(words)) + 1):
                if words[upto - 1] not in self.vocabulary:
                    break
                key = " ".join(sorted(words[at:upto]))
                if key in self.by_name:
                    tenants |= dict.fromkeys(self.by_name[key])
        self._add(signs, tenants, alone, shared)
        return bool(tenants)

    def _near_name(self, signs, words: list[str]) -> None:
        """Look again with each unknown word read as the known one that it is a slip of."""
        read = [self._spelled(word) for word in words]
        if read != words:
            self._name(signs, read, "name_near", "name_near")
        if not signs:
            self._part(signs, read)

    def _spelled(self, word: str) -> str:
        if word in self.vocabulary or len(word) < FEWEST_LETTERS or not word.isalpha():
            return word
        if word not in self.near:
            best = process.extractOne(
                word, self.spelled, scorer=DamerauLevenshtein.distance, score_cutoff=1
            )
            self.near[word] = best[0] if best else word
        return self.near[word]

    def _part(self, signs, words: list[str]) -> None:
        for first, second in pairwise(words):
            key = " ".join(sorted((first, second)))
            if key in self.by_part:
                self._add(signs, self.by_part[key], "part_of_name", "part_of_name")

    def _recorded(self, keys: set[int], lines: Sequence[Asked]) -> dict[tuple, list[tuple]]:
        """Return the desk's payments without a number, which no line proves yet."""
        days = [line.day for line in lines]
        proved = LinePart.objects.filter(undone_at=None).values("payment")
        rows = Payment.objects.confirmed().filter(
            lease__in=keys, reference="", value_date__range=(min(days) - NEAR, max(days) + NEAR)
        )
        found = defaultdict(list)
        for payment, lease, amount, day in (
            rows.exclude(method__in=[Payment.Method.CASH, Payment.Method.DEPOSIT])
            .exclude(pk__in=proved)
            .order_by("pk")
            .values_list("pk", "lease_id", "amount", "value_date")
        ):
            found[lease, amount].append((payment, day))
        return found

    def _ranked(self, line, signs, recorded) -> list[Candidate]:
        ranked = []
        for lease, named in signs.items():
            candidate = Candidate(lease, list(dict.fromkeys(named)))
            known = self.facts[lease]
            for payment, day in recorded.get((lease, line.amount), ()):
                if abs(day - line.day) <= NEAR:
                    candidate.payment = payment
                    candidate.signs.insert(0, "recorded")
                    break
            end = self.ends[lease]
            is_taken = end is None or end >= line.day or known.owed >= line.amount
            if "reference" in named and is_taken and candidate.payment is None:
                candidate.score = CERTAIN
                ranked.append(candidate)
                continue
            if "reference" in named:
                candidate.signs.append("over" if not is_taken else "references")
                candidate.signs.remove("reference")
            worth = sorted((WORTH.get(sign, 0) for sign in candidate.signs), reverse=True)
            score = worth[0] + BESIDE * (len(worth) - 1)
            amount = likeness(line.amount, known)
            if amount:
                candidate.signs.append(amount)
                score += AMOUNT[amount]
            if known.due and abs(known.due - line.day) <= DUE_SOON:
                candidate.signs.append("due")
                score += DUE
            candidate.score = min(score, CERTAIN - 1)
            ranked.append(candidate)
        ranked.sort(key=lambda candidate: (-candidate.score, candidate.lease))
        return ranked[:MOST]


def without(words: list[str], sender: list[str]) -> list[str]:
    """Return ``words`` without the run of them that is the sender's name."""
    length = len(sender)
    for at in range(len(words) - length + 1) if length else ():
        if words[at : at + length] == sender:
            return words[:at] + words[at + length :]
    return words


def likeness(amount: int, known: Facts) -> str:
    """Return which of a lease's amounts ``amount`` is: open, rent, rents, or none of them."""
    if amount == known.owed:
        return "open"
    if known.rent and amount == known.rent:
        return "rent"
    if known.rent and amount % known.rent == 0 and amount // known.rent <= SEVERAL_RENTS:
        return "rents"
    return ""


def facts_of(leases: Iterable[int]) -> dict[int, Facts]:
    """Return rent, debt and oldest open due date of leases (ids), in three questions."""
    leases = list(leases)
    if not leases:
        return {}
    facts = {
        lease: Facts(rent=rent + service)
        for lease, rent, service in Lease.objects.filter(pk__in=leases)
        .with_rent()
        .order_by()
        .values_list("pk", "rent_now", "service_now")
    }
    lines = JournalLine.objects.filter(
        lease__in=leases, account__code=Account.Code.RECEIVABLE
    ).by_lease()
    for lease, owed in lines.items():
        facts[lease].owed = owed
    due = Charge.objects.open().filter(lease__in=leases).order_by().values("lease")
    for row in due.annotate(due=Min("due_date")):
        facts[row["lease"]].due = row["due"]
    return facts
