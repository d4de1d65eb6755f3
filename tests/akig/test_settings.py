"""The environment: what it may say, and the sentence that answers nonsense."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "k" * 25 + "0123456789" * 3


def manage(tmp_path, *words, **environment):
    """Run manage.py with nothing but ``environment``; return (exit code, what it wrote)."""
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", *words],
        env={"PATH": os.environ["PATH"], "AKIG_VAR": str(tmp_path), **environment},
        cwd=tmp_path,
        text=True,
        capture_output=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "yes"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://somewhere/akig"),
        ("DATABASE_URL", "postgres://somewhere:port/akig"),
        ("REDIS_URL", "http://somewhere"),
        ("METRICS_ALLOW", "everybody"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_refuses_nonsense_with_one_sentence(tmp_path, name, value):
    code, words = manage(tmp_path, "check", **{name: value, "AKIG_LOCAL": "1"})
    assert code == 1
    assert words.startswith(f"akig: {name} ")
    assert words.count("\n") == 1


def test_a_server_needs_its_secret_key(tmp_path):
    code, words = manage(tmp_path, "check", DEBUG="0")
    assert code == 1
    assert words.startswith("akig: SECRET_KEY ")


def test_a_server_is_safe_to_deploy_as_it_comes(tmp_path):
    code, words = manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", DEBUG="0", SECRET_KEY=KEY
    )
    assert code == 0, words


def test_a_check_starts_no_server(tmp_path):
    code, words = manage(tmp_path, "check", "--tag", "caches")  # the others are checked above
    assert code == 0, words
    assert not (tmp_path / "postgres").exists()
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    code, words = manage(
        tmp_path, "migrate", AKIG_VAR=str(tmp_path / "file" / "var"), SECRET_KEY=KEY, DEBUG="0"
    )
    assert code == 1
    assert words.startswith("akig: The data folder ")
