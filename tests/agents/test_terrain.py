"""The shell of the telephone's page: small, whole, and telling nothing of anybody."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from agents.views_terrain import FOLDER

pytestmark = pytest.mark.django_db


def test_the_first_load_is_small_and_every_file_is_there(cast, sign_in):
    browser = sign_in(cast.estelle)
    page = browser.get("/terrain/")
    worker = browser.get("/terrain/sw.js").content.decode()
    files = re.search(r"const FILES = \[(.*?)\];", worker)[1].replace('"', "").split(", ")
    weight = len(page.content) + len(worker) + len(browser.get("/terrain/mots.json").content)
    for file in files:
        if file.startswith("/static/"):
            weight += Path(finders.find(file.removeprefix("/static/"))).stat().st_size
        else:
            assert browser.get(file).status_code == 200
    assert weight < 300_000
    assert "csrftoken" in page.cookies


def test_the_page_tells_nothing_of_anybody(cast, sign_in):
    assert cast.estelle.name not in sign_in(cast.estelle).get("/terrain/").content.decode()


def test_every_word_that_the_page_says_is_in_the_catalogue(cast, sign_in):
    words = set(sign_in(cast.estelle).get("/terrain/mots.json").json()["words"])
    scripts = "".join(path.read_text() for path in FOLDER.glob("*.js"))
    said = set(re.findall(r'word\("(\w+)"', scripts))
    said |= {f"result_{result}" for result in ("payment", "promise", "refused", "absent")}
    said |= {"phone", "sent", "accepted", "refused", "conflict", "notes", "phones", "landmark"}
    said |= {"signed_out", "device_cut_off", "device_taken"}
    said |= {"online", "offline", "receipt", "provisional_receipt", "nobody", "load_first"}
    assert said == words
