"""Starting an attempt and reading how it stands, at each provider."""

import uuid

import pytest

from payments.models import Provider
from payments.providers import ProviderDown, ProviderRefused, Status, client_for, web
from tests.simulating import make_attempt

KINDS = list(Provider.Kind)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_payer_pays_is_read_back_in_the_branchs_money(begun, kind):
    client, attempt = begun(kind, amount=150_000)
    status = client.status(attempt)
    assert (status.state, status.amount, status.currency) == (Status.PAID, 150_000, "GNF")
    assert status.order_id == attempt.order_id
    assert status.transaction


@pytest.mark.parametrize("kind", KINDS)
def test_who_does_not_decide_is_waited_for(begun, kind):
    client, attempt = begun(kind, "silent")
    assert client.status(attempt).state == Status.WAITING


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_a_failure(begun, kind):
    client, attempt = begun(kind, "refused")
    status = client.status(attempt)
    assert (status.state, bool(status.reason)) == (Status.FAILED, True)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != Provider.Kind.DJOMY])
def test_an_end_in_time_is_told_from_a_refusal(begun, kind):
    client, attempt = begun(kind, "expired")
    assert client.status(attempt).state == Status.EXPIRED


@pytest.mark.parametrize("kind", KINDS)
def test_success_after_the_end_is_seen(begun, kind):
    client, attempt = begun(kind, "late")
    assert client.status(attempt).state in (Status.EXPIRED, Status.FAILED)
    assert client.status(attempt).state == Status.PAID


@pytest.mark.parametrize("kind", KINDS)
def test_another_amount_is_told(begun, kind):
    client, attempt = begun(kind, "wrong_amount", amount=150_000)
    assert client.status(attempt).amount == 149_999


@pytest.mark.parametrize("kind", KINDS)
def test_another_currency_is_told(begun, kind):
    client, attempt = begun(kind, "wrong_currency")
    assert client.status(attempt).currency == "USD"


def test_a_fee_is_told_where_the_provider_tells_it(begun):
    client, attempt = begun(Provider.Kind.DJOMY, amount=150_000)
    assert client.status(attempt).fee == 3_000


def test_test_money_is_not_taken_for_the_real(begun):
    client, attempt = begun(Provider.Kind.ORANGE_MONEY)
    client.provider.sandbox = False
    assert client.currency_in("OUV", attempt) == "OUV"
    assert client.currency_out(attempt) == "GNF"


# When no answer comes


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_listening_means_nothing_arrived(provider, cast, kind):
    attempt = make_attempt(provider(kind, base_url="http://127.0.0.1:1"), cast.lease)
    with client_for(attempt.provider) as client, pytest.raises(ProviderDown) as failure:
        client.start(attempt)
    # Repeated ones, and tokens, are never sure.
    assert failure.value.arrived is (False if kind == Provider.Kind.WAVE else None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_leaves_open_whether_it_arrived(provider, simulator, cast, kind):
    simulator.next("errors", "errors", "errors")
    attempt = make_attempt(provider(kind), cast.lease)
    with client_for(attempt.provider) as client, pytest.raises(ProviderDown) as failure:
        client.start(attempt)
    assert failure.value.arrived is None


@pytest.mark.parametrize("kind", [Provider.Kind.MTN_MOMO, Provider.Kind.WAVE])
def test_an_attempt_whose_answer_was_lost_is_found_again(provider, simulator, cast, kind):
    simulator.next("lost_answer")
    attempt = make_attempt(provider(kind), cast.lease)
    with client_for(attempt.provider) as client:
        if kind == Provider.Kind.WAVE:
            with pytest.raises(ProviderDown):
                client.start(attempt)
        else:
            client.start(attempt)  # sent again, and known already
        status = client.status(attempt)
    assert (status.state, status.session) == (
        Status.PAID,
        simulator.order(attempt.order_id).session,
    )


@pytest.mark.parametrize("kind", [Provider.Kind.ORANGE_MONEY, Provider.Kind.DJOMY])
def test_a_page_that_nobody_got_ends_by_itself(provider, simulator, cast, kind):
    simulator.next("lost_answer")
    attempt = make_attempt(provider(kind), cast.lease)
    with client_for(attempt.provider) as client:
        with pytest.raises(ProviderDown):
            client.start(attempt)
        assert client.status(attempt).state == Status.WAITING
        attempt.created_at -= client.patience
        assert client.status(attempt).state == Status.EXPIRED


def test_a_request_that_never_arrived_ends_when_patience_does(provider, cast):
    attempt = make_attempt(provider(Provider.Kind.MTN_MOMO), cast.lease)
    with client_for(attempt.provider) as client:
        assert client.status(attempt).state == Status.WAITING
        attempt.created_at -= client.patience
        assert client.status(attempt).reason == "never_arrived"


def test_a_passing_fault_is_not_seen_where_asking_again_is_safe(begun):
    client, attempt = begun(Provider.Kind.MTN_MOMO, "error_once")
    assert client.status(attempt).state == Status.PAID


def test_slowness_ends_our_patience(provider, simulator, cast, monkeypatch):
    monkeypatch.setattr(web, "READ", 0.2)
    simulator.next("slow")
    attempt = make_attempt(provider(Provider.Kind.WAVE), cast.lease)
    with client_for(attempt.provider) as client, pytest.raises(ProviderDown) as failure:
        client.start(attempt)
    assert failure.value.arrived is None


def test_a_provider_that_is_down_says_nothing_of_the_attempt(begun, simulator):
    client, attempt = begun(Provider.Kind.MTN_MOMO)
    simulator.down = True
    with pytest.raises(ProviderDown):
        client.status(attempt)
    simulator.down = False
    assert client.status(attempt).state == Status.PAID


# What we send


def test_an_order_is_taken_once_by_orange(begun, cast):
    client, attempt = begun(Provider.Kind.ORANGE_MONEY)
    with pytest.raises(ProviderRefused) as refusal:
        client.start(attempt)
    assert refusal.value.status == 403


def test_the_same_request_at_mtn_is_one(begun, simulator):
    client, attempt = begun(Provider.Kind.MTN_MOMO)
    assert client.start(attempt).session == attempt.provider_reference
    assert len(simulator.orders.all()) == 1


def test_a_number_made_of_a_key_is_a_random_one_for_mtn(begun, simulator):
    named = uuid.uuid5(uuid.NAMESPACE_URL, "a form sent twice")
    client, attempt = begun(Provider.Kind.MTN_MOMO, id=named)
    assert uuid.UUID(attempt.provider_reference).version == 4
    assert client.status(attempt).state == Status.PAID


def test_mtn_needs_a_telephone(provider, cast):
    attempt = make_attempt(provider(Provider.Kind.MTN_MOMO), cast.lease, phone="")
    with client_for(attempt.provider) as client, pytest.raises(ProviderRefused) as refusal:
        client.start(attempt)
    assert refusal.value.reason == "phone_missing"


def test_notes_are_plain_and_addresses_short(begun, simulator, cast):
    cast.lease.reference = "BAIL-É/№-" + "Conakry’s " * 3
    for kind in KINDS:
        client, attempt = begun(kind)
        assert client.status(attempt).state == Status.PAID
        client.start(make_attempt(client.provider, cast.lease), return_url="https://x/" + "y" * 300)


def test_mtns_documented_payers_end_as_documented(provider, cast):
    mtn = provider(Provider.Kind.MTN_MOMO)
    with client_for(mtn) as client:
        for payer, end in {
            "46733123450": (Status.FAILED, "INTERNAL_PROCESSING_ERROR"),
            "46733123451": (Status.FAILED, "APPROVAL_REJECTED"),
            "46733123452": (Status.EXPIRED, "EXPIRED"),
            "46733123453": (Status.WAITING, ""),
            "46733123455": (Status.FAILED, "PAYER_NOT_FOUND"),
            "46733123463": (Status.FAILED, "COULD_NOT_PERFORM_TRANSACTION"),
        }.items():
            attempt = make_attempt(mtn, cast.lease, phone=f"+{payer}")
            client.start(attempt)
            status = client.status(attempt)
            assert (status.state, status.reason) == end


def test_a_branch_whose_money_is_not_taken_is_refused(provider, cast):
    attempt = make_attempt(provider(Provider.Kind.WAVE), cast.lease, currency="EUR")
    with client_for(attempt.provider) as client, pytest.raises(ProviderRefused) as refusal:
        client.start(attempt)
    assert refusal.value.reason == "currency_not_served"
