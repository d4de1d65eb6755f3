"""What the tables of every app share: versions counted by the database, text that can be found."""

import pgtrigger
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _


class Fold(Func):
    """SQL ``akig_fold(text)``: lower case without accents, so that "Kipé" is found by "kipe"."""

    function = "akig_fold"
    output_field = models.TextField()


def folded(*columns: str) -> Fold:
    """Return the expression of a ``search`` column over ``columns``, parted by spaces."""
    parts = [part for column in columns for part in (F(column), Value(" "))][:-1]
    joined = Func(
        *parts,
        template="(%(expressions)s)",
        arg_joiner=" || ",
        output_field=models.TextField(),
    )
    return Fold(joined)


def counts_versions() -> pgtrigger.Trigger:
    """Return the trigger by which the database itself counts each change of a row.

    Mobile clients and ``If-Match`` rely on it; a count kept in Python would miss raw SQL.
    """
    return pgtrigger.Trigger(
        name="count_version",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        func="NEW.version = OLD.version + 1; RETURN NEW;",
    )


def append_only() -> pgtrigger.Protect:
    """Return the trigger that refuses to change or delete a row once it is written."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def never_deleted() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)


class Versioned(models.Model):
    """A row that people correct: it counts its versions and remembers when it was made."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("entered at"), auto_now_add=True, editable=False)

    class Meta:
        abstract = True


class Postponed:
    """What an act returns in place of its result when that has not happened yet.

    While it ``waits``, ``sentence`` says so to who asked for it; ``address`` is the page of what it
    waits for.
    """

    waits: bool
    sentence: str
    address: str
