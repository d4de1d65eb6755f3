"""Tokens: fetched once, renewed in time, kept encrypted, given up when they are refused."""

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection, connections

from payments.models import Provider
from payments.providers import SECRETS, ProviderRefused, client_for
from tests.simulating import make_attempt, make_provider

TOKENED = [Provider.Kind.ORANGE_MONEY, Provider.Kind.MTN_MOMO, Provider.Kind.DJOMY]


def fetched(simulator):
    return len([r for r in simulator.requests if "token" in r.path or r.path == "/v1/auth"])


def status_of(provider, attempt):
    with client_for(Provider.objects.get(pk=provider.pk)) as client:
        return client.status(attempt)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TOKENED)
def test_a_token_serves_many_calls_until_it_is_about_to_end(begun, simulator, kind):
    client, attempt = begun(kind)
    status_of(client.provider, attempt)
    assert fetched(simulator) == 1
    with time_machine.travel(dt.datetime(2026, 10, 15, 10, 59, 30, tzinfo=dt.UTC)):
        status_of(client.provider, attempt)
    assert fetched(simulator) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TOKENED)
def test_a_token_that_is_refused_is_renewed_at_once(begun, simulator, kind):
    client, attempt = begun(kind)
    simulator.protocols[kind].forget_tokens()
    assert client.status(attempt).state == "paid"
    assert fetched(simulator) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TOKENED)
def test_refused_credentials_are_told_and_never_the_secret(provider, cast, kind):
    wrong = provider(kind, secrets=dict.fromkeys(SECRETS[kind], "s3cret-and-wrong"))
    with client_for(wrong) as client, pytest.raises(ProviderRefused) as refusal:
        client.start(make_attempt(wrong, cast.lease))
    assert refusal.value.reason == "credentials_refused"
    assert "s3cret" not in repr(refusal.value)


@pytest.mark.django_db
def test_a_token_lies_encrypted(begun):
    client, _ = begun(Provider.Kind.ORANGE_MONEY)
    value = client.token()
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, secrets FROM payments_provider")
        token, secrets = cursor.fetchone()
    assert value not in token
    assert token.startswith("gAAAA")
    assert secrets.startswith("gAAAA")


@pytest.mark.django_db
def test_changed_credentials_never_use_the_old_token(begun, simulator):
    client, attempt = begun(Provider.Kind.ORANGE_MONEY)
    provider = client.provider
    provider.secrets = {**provider.secrets, "merchant_key": "another"}
    provider.save()
    status_of(provider, attempt)
    assert fetched(simulator) == 2


@pytest.mark.django_db(transaction=True)
def test_many_threads_fetch_one_token(simulator, cast):
    provider = make_provider(simulator, Provider.Kind.MTN_MOMO, cast.conakry)
    attempt = make_attempt(provider, cast.lease)
    together = threading.Barrier(5)
    found = []

    def ask():
        together.wait()
        found.append(status_of(provider, attempt).state)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["waiting"] * 5
    assert fetched(simulator) == 1
