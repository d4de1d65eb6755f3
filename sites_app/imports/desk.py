"""The desk at which an import is worked through: who works, what is known, what must be said."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from akig.lib import parsing
from sites_app.models.branches import Site

Book = TypeVar("Book")
BRANCH_WORDS = frozenset(
    ("agence", "succursale", "branch", "antenne", "bureau", "de", "d", "of", "site")
)


@dataclass
class Remark:
    """Something to say about a row that was brought in all the same."""

    line: int
    column: str
    code: str
    detail: str


@dataclass
class Desk:
    """What the resources of one import share. ``book`` gives each directory, opened once.

    ``site`` is the branch of rows that name none; ``hints`` tells the branch of a tenant whose own
    row does not, by what the leases of the same import say.
    """

    actor: object
    site: Site | None = None
    progress: Callable[[int], None] | None = None
    remarks: list[Remark] = field(default_factory=list)
    hints: dict[str, str] = field(default_factory=dict)
    revived: set[tuple[str, int]] = field(default_factory=set)
    _books: dict[type, object] = field(default_factory=dict)
    _done: int = 0

    def book(self, kind: type[Book]) -> Book:
        if kind not in self._books:
            self._books[kind] = kind(self)
        return self._books[kind]

    def report(self, line: int, column: str, code: str, detail: object = "") -> None:
        self.remarks.append(Remark(line, column, code, parsing.text(detail)[:200]))

    def step(self) -> None:
        self._done += 1
        if self.progress and self._done % 100 == 0:
            self.progress(self._done)


class SiteBook:
    """The branches that the actor works for, by code, name or town."""

    def __init__(self, desk: Desk):
        sites = list(Site.objects.visible_to(desk.actor).filter(is_active=True))
        self.by_code = {site.code: site for site in sites}
        self._by_word: dict[str, set[str]] = {}
        for site in sites:
            for word in (site.code, site.name, site.city):
                self._by_word.setdefault(_branch_key(word), set()).add(site.code)
        self.only = sites[0] if len(sites) == 1 else desk.site

    def find(self, written: object) -> Site | None:
        """Return the one branch that goes by this code, name or town."""
        codes = self._by_word.get(_branch_key(written), set())
        return self.by_code[next(iter(codes))] if len(codes) == 1 else None


def _branch_key(written: object) -> str:
    words = parsing.fold(written).split()
    return " ".join([word for word in words if word not in BRANCH_WORDS] or words)
