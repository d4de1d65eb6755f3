"""Everybody takes what is kept of himself, and no secret with it."""

import io
import json
import zipfile

import pytest

from accounts.keys import make_key
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
PAGE = "/profil/donnees"


def test_one_takes_his_own_data_and_no_secret(sign_in, cast):
    key, _written = make_key(
        actor=cast.awa, name="Site", scopes=["lease.view"], branches=["GN_CONAKRY"]
    )
    assert cast.coumba and Caller(cast.awa)
    client = sign_in(cast.awa)
    assert client.get(PAGE).status_code == 200
    answer = client.post(PAGE)
    assert "no-store" in answer["Cache-Control"]
    text = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).read("data.json")
    told = json.loads(text)
    assert [row["email"] for row in told["accounts.User"]] == [cast.awa.email]
    assert [row["prefix"] for row in told["accounts.ApiKey"]] == [key.prefix]
    assert len(told["sites_app.Assignment"]) == 2
    assert len(told["accounts.TokenFamily"]) == len(told["accounts.BrowserSession"]) == 1
    family = cast.awa.token_families.get()
    for secret in (cast.awa.password, key.digest, client.session.session_key, family.current):
        assert secret.encode() not in text
    taken = cast.awa.events.get(pgh_label="exported").pgh_context.metadata
    assert (taken["what"], taken["user"]) == ("accounts.user", cast.awa.pk)


def test_it_is_asked_again(client, cast):
    client.force_login(cast.coumba)
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert client.get(PAGE).url.startswith("/accounts/reauthenticate")
