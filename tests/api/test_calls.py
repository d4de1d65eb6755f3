"""Every call of the API is written down: whose, for what, how it ended."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from psycopg import Error

from accounts import calls
from accounts.models import ApiCall
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_waits():
    calls._waiting.clear()
    yield
    calls._waiting.clear()


def written():
    calls.write()
    told = ApiCall.objects.order_by("id")
    return list(told.values_list("caller", "method", "route", "status"))


def test_calls_name_who_asked_what_and_how_it_ended(cast):
    caller = Caller(cast.bachir)
    calls._waiting.clear()
    caller.get("/api/me", HTTP_X_REQUEST_ID="abc-2")
    caller.get("/api/me")  # given again from what was sent
    caller.get("/api/nothing")
    Caller().get("/api/me")
    who = f"user:{cast.bachir.pk}"
    assert written() == [
        (who, "GET", "api/me", 200),
        (who, "GET", "api/me", 200),
        ("", "GET", "api/", 404),
        ("", "GET", "api/me", 401),
    ]
    first = ApiCall.objects.first()
    assert (first.request_id, first.address) == ("abc-2", "127.0.0.1")


def test_pages_are_no_calls(client, cast):
    client.force_login(cast.bachir)
    client.get("/locataires/")
    assert written() == []


def test_calls_wait_while_they_cannot_be_written(cast, monkeypatch):
    Caller().get("/api/me")
    with monkeypatch.context() as patch:
        patch.setattr(calls, "COPY", calls.COPY.replace("apicall", "away"))
        with pytest.raises(Error), transaction.atomic():
            calls.write()
    assert len(written()) == 1


def test_what_was_written_down_stays_and_is_read_in_the_back_office(client, cast):
    Caller(cast.bachir).get("/api/me")
    assert len(written()) == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiCall.objects.all().delete()
    address = reverse("admin:accounts_apicall_changelist")
    client.force_login(cast.awa)
    assert client.get(address).status_code == 200
    client.force_login(cast.coumba)
    assert client.get(address).status_code == 403
