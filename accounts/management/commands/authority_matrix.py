from django.core.management.base import BaseCommand
from django.utils.text import capfirst
from django.utils.translation import override

from accounts.roles import (
    PERMISSIONS,
    PERSONAL,
    ROLE_NAMES,
    ROLES,
    SECOND_FACTOR,
    STAFF,
    by_subject,
)

HEAD = """# Authority

Who may do what. `manage.py authority_matrix > docs/authority.md` makes this page from \
`accounts/roles.py`, and a test fails when it is not current. A role says what a person may do; \
the branches where he works, what is shared with him, his houses or leases say with which rows \
([architecture](architecture.md), *Who sees what*).
"""
FOOT = """
\\* is lent to no program: it takes a person.

Staff, who work at branches: {staff}. The others see what is theirs. A second factor is asked of \
{second_factor}.
"""


class Command(BaseCommand):
    help = "Write the table of roles and permissions as Markdown."

    def handle(self, **options):
        with override("en"):
            self.stdout.write(HEAD)
            for subject, codes in by_subject():
                self.stdout.write(f"\n## {subject}\n\n")
                self._row("Permission", "", *map(_named, ROLES))
                self._row("---", "---", *[":-:"] * len(ROLES))
                for code in codes:
                    star = "*" if code in PERSONAL else ""
                    held = ["✓" if code in ROLES[role].split() else "" for role in ROLES]
                    self._row(f"`{code}`{star}", PERMISSIONS[code], *held)
            staff, second_factor = (", ".join(map(_named, r)) for r in (STAFF, SECOND_FACTOR))
            self.stdout.write(FOOT.format(staff=staff, second_factor=second_factor))

    def _row(self, *cells):
        self.stdout.write(f"| {' | '.join(map(str, cells))} |")


def _named(role):
    return capfirst(str(ROLE_NAMES[role]))
