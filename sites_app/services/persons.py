"""What a person may ask of those who keep his data."""

from collections.abc import Collection
from typing import IO

import pghistory
from django.db.models import Model

from accounts.verbs import verb
from akig.lib.dossiers import about, dossier


@verb("tenant.export")
def export_person(*, actor, row: Model, through: Collection[type[Model]] = ()) -> IO[bytes]:
    """Return all that ``actor`` sees of an owner or tenant as a ZIP; that it was read is on record.

    Of an owner of several branches, each of them hands out its own part.
    """
    pghistory.create_event(row, label="exported")
    return dossier(about(row, actor, through))
