"""Which branches the database shows to whoever is at work: what row-level security is keyed to.

Every statement runs within a *scope*, the codes of the branches that it may see, which
``akig.lib.postgres`` tells the database before the statement. Nothing is the rule: a thread that
nobody gave a scope sees no row of any branch. Requests and jobs work within the branches of their
person, and what must look further says so with ``everywhere``.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: The setting of the database session that the policies read.
SETTING = "akig.branches"
EVERYWHERE = "*"
NOWHERE = ""

_reads: ContextVar[bool] = ContextVar("reads", default=False)
_scope: ContextVar[str | Callable[[], str] | None] = ContextVar("scope", default=None)
_usual = NOWHERE
_ask_of: list[Callable[[object], str]] = []


def scope() -> str:
    """Return the codes of the branches of the running act, with commas; ``*`` for all."""
    found = _scope.get()
    if found is None:
        return _usual
    return found if isinstance(found, str) else found()


def branch_column(model) -> str:
    """Return the column that names the branch of a row of ``model``, or of its history.

    A branch itself is named by its code; an empty text is for what belongs to none.
    """
    columns = {field.name: field.column for field in model._meta.fields}
    itself = model._meta.model_name in ("site", "siteevent")
    return columns.get("site") or ("code" if itself else "")


@contextmanager
def within(codes: Iterable[str]) -> Iterator[None]:
    """Show the database's rows of the branches ``codes`` alone inside the block."""
    with _set(",".join(sorted(codes))):
        yield


@contextmanager
def everywhere() -> Iterator[None]:
    """Show the rows of all branches inside the block; a comment there says why it must."""
    with _set(EVERYWHERE):
        yield


def know_people(ask: Callable[[object], str]) -> None:
    """Let ``ask`` answer what the scope of a person is: those who know branches stand above us."""
    _ask_of[:] = [ask]


@contextmanager
def as_person(person) -> Iterator[None]:
    """Show the rows of the branches of ``person`` alone inside the block.

    None is the system, which works everywhere.
    """
    with _set(EVERYWHERE if person is None else _of(lambda: person)):
        yield


@contextmanager
def as_caller(request) -> Iterator[None]:
    """Show inside the block the branches of whoever ``request`` turns out to come from.

    The API knows its caller only inside the view, so every statement asks who it is by then.
    """
    with _set(lambda: _of(lambda: request.user)):
        yield


@contextmanager
def reading(method: str, permission: str) -> Iterator[None]:
    """Show what was shared with the person too, where ``method`` and ``permission`` only read.

    Every door of pages and API stands in it: what is shared does not exist for an act.
    """
    token = _reads.set(method in ("GET", "HEAD") and permission.endswith(".view"))
    try:
        yield
    finally:
        _reads.reset(token)


def reads() -> bool:
    """Tell whether the running request does nothing but show."""
    return _reads.get()


def trust_this_process() -> None:
    """Let this process see all branches where nobody says otherwise: an operator's command."""
    global _usual
    _usual = EVERYWHERE


def _of(who):
    with everywhere():  # the answer is not found within what it allows
        return _ask_of[0](who())


@contextmanager
def _set(value):
    token = _scope.set(value)
    try:
        yield
    finally:
        _scope.reset(token)
