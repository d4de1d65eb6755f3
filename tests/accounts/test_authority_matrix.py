"""The authority can be read on one page, and the page is true."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from accounts.roles import PERMISSIONS, by_subject

PAGE = Path(__file__).parents[2] / "docs" / "authority.md"


def test_every_permission_stands_under_one_subject():
    assert sorted(code for _subject, codes in by_subject() for code in codes) == sorted(PERMISSIONS)


def test_the_matrix_in_the_documents_is_current():
    written = StringIO()
    call_command("authority_matrix", stdout=written)
    assert PAGE.read_text() == written.getvalue()
