"""French is whole: every text of the code has its translation, reviewed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from akig.lib.catalogues import incomplete, read

ROOT = Path(__file__).resolve().parent.parent.parent
FRENCH = ROOT / "locale/fr/LC_MESSAGES/django.po"
BREAKING = re.compile(r"\S [;:?!»](?:\s|$)|« ")
APART = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", "tests", "*.mo", "locale")


@pytest.mark.skipif(
    not shutil.which("xgettext"),
    reason="The texts cannot be collected without gettext: apt-get install gettext",
)
@pytest.mark.parametrize("language", ["fr"])
def test_every_text_is_translated(tmp_path, language):
    copy = tmp_path / "code"
    shutil.copytree(ROOT, copy, ignore=APART)
    (copy / "locale").mkdir()
    made = subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", language, "--no-location"],
        cwd=copy,
        env={
            **os.environ,
            "AKIG_VAR": str(tmp_path / "var"),
            "DJANGO_SETTINGS_MODULE": "akig.settings",
        },
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    place = Path("locale") / language / "LC_MESSAGES" / "django.po"
    missing = sorted(incomplete(read(ROOT / place), read(copy / place)))
    assert not missing, f"{len(missing)} texts without {language}: " + "; ".join(missing[:20])


def test_no_line_of_french_begins_with_a_mark():
    """Before ; ? ! and within « » stands a narrow space that never breaks, before : a whole one."""
    texts = [text for message in read(FRENCH) if message.id for text in _texts(message.string)]
    assert not [text for text in texts if BREAKING.search(text)]


def _texts(string) -> list[str]:
    return [string] if isinstance(string, str) else list(string)
