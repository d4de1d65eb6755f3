"""What makes row-level security worthless is found before anybody relies on it."""

from django.core.checks import Error, Tags, register
from django.db import connections

BOUND = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user"


@register(Tags.database)
def role_is_bound(databases=None, **kwargs) -> list[Error]:
    """Refuse a role of the database that sees every branch whatever it is told."""
    found = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(BOUND)
            if not cursor.fetchone()[0]:
                found.append(
                    Error(
                        "The role of the application bypasses row-level security.",
                        hint="Connect as a role with NOSUPERUSER and NOBYPASSRLS.",
                        id="akig.E001",
                    )
                )
    return found
