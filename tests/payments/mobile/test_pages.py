"""The pages of mobile money: asking, looking, and contracts whose secrets nobody reads again."""

import uuid

import pytest
from django.urls import reverse

from payments.models import Attempt, Callback, Payment, Provider

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def pressed(agency, **fields):
    form = {"amount": "400 000", "provider": "orange_money", "phone": "622112233"}
    address = reverse("payments:start_attempt") + f"?lease={agency.cast.lease.pk}"
    return agency.client.post(address, form | {"key": str(uuid.uuid4())} | fields)


def test_a_cashier_asks_and_sees_what_becomes_of_it(agency, django_assert_max_num_queries):
    agency.client.force_login(agency.cast.coumba)
    agency.contract("orange_money")
    answer = pressed(agency)
    attempt = Attempt.objects.get()
    page = reverse("payments:attempt_page", args=[attempt.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert attempt.payment_url in agency.client.get(page).content.decode()
    agency.client.post(reverse("payments:ask_attempt", args=[attempt.pk]))
    payment = Payment.objects.get()
    shown = agency.client.get(page).content.decode()
    assert reverse("payments:payment_page", args=[payment.pk]) in shown
    assert attempt.payment_url not in shown


def test_pressing_twice_asks_once(agency):
    agency.client.force_login(agency.cast.coumba)
    agency.contract("orange_money")
    key = str(uuid.uuid4())
    assert pressed(agency, key=key)["Location"] == pressed(agency, key=key)["Location"]
    assert Attempt.objects.count() == 1


def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(agency):
    agency.client.force_login(agency.cast.coumba)
    agency.contract("mtn_momo")
    answer = pressed(agency, provider="mtn_momo", phone="", amount="250 000")
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["phone"]
    assert answer.context["form"]["amount"].value() == "250 000"
    assert not Attempt.objects.exists()


def test_a_branch_without_a_contract_says_so(agency):
    agency.client.force_login(agency.cast.coumba)
    page = agency.client.get(reverse("payments:start_attempt") + f"?lease={agency.cast.lease.pk}")
    assert (page.status_code, page.context["providers"]) == (200, [])


def test_the_list_narrows_and_adds_up(agency, django_assert_max_num_queries):
    agency.client.force_login(agency.cast.diallo)
    for scenario in ("success", "refused", "silent"):
        agency.ask("mtn_momo", scenario)
    agency.wait(15)
    address = reverse("payments:attempt_list")
    with django_assert_max_num_queries(MOST_QUERIES):
        page = agency.client.get(address)
    assert (len(page.context["page"]), page.context["sums"][0]["paid"]) == (3, 400_000)
    for state in ("paid", "failed", "open"):
        assert len(agency.client.get(f"{address}?state={state}").context["page"]) == 1


def test_the_accountant_reads_what_came_in_without_its_secrets(agency, cast):
    attempt = agency.ask("mtn_momo")
    Callback.objects.create(
        kind="mtn_momo",
        method="PUT",
        headers={"Authorization": "Bearer of-secrets", "X-Seen": "of-course"},
        body="déjà <vu>".encode() + b"\xff",
        attempt=attempt,
    )
    page = reverse("payments:attempt_page", args=[attempt.pk])
    agency.client.force_login(cast.diallo)
    shown = agency.client.get(page).content.decode()
    assert "of-course" in shown and "of-secrets" not in shown
    assert "déjà &lt;vu&gt;" in shown
    agency.client.force_login(cast.coumba)
    assert "of-course" not in agency.client.get(page).content.decode()


def test_a_contract_is_enabled_once_nothing_is_missing_and_shows_no_secret(
    agency, cast, django_assert_max_num_queries
):
    agency.client.force_login(cast.awa)
    entered = {
        "site": "GN_CONAKRY",
        "kind": "orange_money",
        "base_url": agency.simulator.url,
        "callback_url": "http://127.0.0.1:8000",
        "sandbox": "on",
        "fee_percent": "1",
        "fee_bearer": "agency",
    }
    agency.client.post(reverse("payments:add_provider"), entered)
    contract = Provider.objects.get()
    switch = reverse("payments:switch_provider", args=[contract.pk])
    assert agency.client.post(switch).status_code == 409
    secrets = {
        "secret_client_id": "simulator-client",
        "secret_client_secret": "simulator-client-secret",
        "secret_merchant_key": "simulator-merchant",
    }
    correct = reverse("payments:correct_provider", args=[contract.pk])
    assert agency.client.post(correct, entered | secrets).status_code == 302
    assert agency.client.post(switch).status_code == 302
    contract.refresh_from_db()
    assert contract.enabled and contract.account.code == "5521"
    page = reverse("payments:provider_page", args=[contract.pk])
    for address in (correct, page, f"{page}?check=1", reverse("payments:provider_list")):
        with django_assert_max_num_queries(MOST_QUERIES + 4):
            shown = agency.client.get(address).content.decode()
        assert not [secret for secret in secrets.values() if secret in shown]
    # A form that leaves the secrets empty keeps them.
    assert agency.client.post(correct, entered | {"fee_percent": "2"}).status_code == 302
    contract.refresh_from_db()
    assert contract.secrets["client_secret"] == "simulator-client-secret"
    assert contract.fee_percent == 2
    assert not [
        problem
        for problem in agency.client.get(f"{page}?check=1").context["problems"]
        if problem.is_serious
    ]
    wrong = entered | {"secret_client_secret": "wrong"}
    agency.client.post(correct, wrong)
    problems = agency.client.get(f"{page}?check=1").context["problems"]
    assert "credentials_refused" in {problem.code for problem in problems}


def test_a_second_contract_with_the_same_provider_is_refused(agency, cast):
    agency.contract("orange_money")
    agency.client.force_login(cast.awa)
    answer = agency.client.post(
        reverse("payments:add_provider"),
        {
            "site": "GN_CONAKRY",
            "kind": "orange_money",
            "callback_url": "http://127.0.0.1:8000",
            "fee_percent": "1",
            "fee_bearer": "agency",
        },
    )
    assert answer.status_code == 409
    assert "kind" in answer.context["form"].errors
