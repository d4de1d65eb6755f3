"""The tenant's link: the page of somebody without an account, and what a cashier does with it."""

import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from payments.models import Attempt, MoneyAccount, Payment, PaymentClaim, Provider
from payments.services.deposits import hold_deposit
from payments.services.links import link_token, renew_link
from tests.factories import charge, make_lease, make_tenant, make_unit, pay
from tests.pictures import JPEG


@pytest.fixture
def rent(cast):
    return charge(cast.lease, 1_000_000, date(2026, 9, 1), end=date(2026, 9, 30))


@pytest.fixture
def link(cast, rent):
    return f"/l/{link_token(cast.tenant)}"


def photo(content=JPEG, name="recu.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def claim_form(lease, **fields):
    usual = {
        "lease": lease.pk, "amount": "400 000", "method": "orange_money", "paid_on": "2026-10-14",
        "reference": "OM-123", "photo": photo(),
    }  # fmt: skip
    return {"key": str(uuid.uuid4()), **usual, **fields}


def test_the_page_tells_all_without_an_account_or_a_cookie(
    client, cast, link, django_assert_max_num_queries
):
    payment = pay(cast.lease, 300_000, date(2026, 9, 3))
    hold_deposit(actor=cast.diallo, lease=cast.lease, amount=500_000, method="cash")
    with django_assert_max_num_queries(12):
        page = client.get(link)
    assert page.status_code == 200
    assert page.context["owed"] == 700_000
    assert [row.left for row in page.context["due"]] == [700_000]
    assert page.context["held"] == 500_000
    assert not page.cookies
    look = (settings.BASE_DIR / "static" / "akig.css").stat().st_size
    assert len(page.content) + look < 50_000
    assert b"<script" not in page.content
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    paper = client.get(f"{link}/recus/{payment.receipt.number}.pdf")
    assert paper["Content-Type"] == "application/pdf"


def test_it_speaks_the_language_of_the_tenant(client, cast, link):
    for language in ("fr", "en"):
        type(cast.tenant).objects.update(language=language)
        assert f'lang="{language}"' in client.get(link).content.decode()


def test_links_that_are_forged_old_or_replaced_say_whom_to_call(client, cast, link):
    type(cast.conakry).objects.filter(pk=cast.conakry.pk).update(phone="+224620000000")
    forged = client.get(link[:-2] + "xx")
    assert (forged.status_code, forged.context["branch"]) == (404, None)
    late = timedelta(days=settings.TENANT_LINK_DAYS + 1)
    with time_machine.travel(date(2026, 10, 15) + late):
        old = client.get(link)
        assert (old.status_code, old.context["branch"]) == (404, cast.conakry)
        assert b"tel:+224620000000" in old.content
    renew_link(actor=cast.coumba, tenant=cast.tenant)
    assert client.get(link).status_code == 404
    assert client.get(f"/l/{link_token(cast.tenant)}").status_code == 200


def test_a_link_opens_nothing_of_another_tenant(client, cast, link):
    other = make_lease(unit=make_unit(cast.house), tenant=make_tenant(site=cast.conakry))
    payment = pay(other, 1_000)
    assert client.get(f"{link}/recus/{payment.receipt.number}.pdf").status_code == 404
    assert client.post(f"{link}/j-ai-paye", claim_form(other)).status_code == 400
    assert not PaymentClaim.objects.exists()


def test_many_questions_from_one_address_have_to_wait(client, cast, link):
    answers = [client.get(link, REMOTE_ADDR="41.0.0.9").status_code for _time in range(62)]
    assert (answers[0], answers[-1]) == (200, 429)


def test_the_staff_copy_the_link_and_make_a_new_one(sign_in, cast, link):
    door = sign_in(cast.coumba)
    page = f"/locataires/{cast.tenant.pk}/lien"
    address = door.get(page).context["address"]
    assert address.startswith(settings.PUBLIC_URL)
    assert door.post(page).status_code == 302
    assert Client().get(address.removeprefix(settings.PUBLIC_URL)).status_code == 404
    assert sign_in(cast.estelle).get(page).status_code == 403
    assert sign_in(cast.bachir).get(f"/locataires/{cast.tenant.pk}/").status_code == 200


# --- Paying


@pytest.fixture
def provider(cast):
    """MTN of Conakry, at an address where nobody answers."""
    wallet = MoneyAccount.objects.create(site=cast.conakry, code="5522", kind="wallet", name="MTN")
    return Provider.objects.create(
        site=cast.conakry, kind="mtn_momo", account=wallet, base_url="http://127.0.0.1:1",
        callback_url="http://127.0.0.1:1", secrets={"key": "x"}, enabled=True,
    )  # fmt: skip


def test_paying_leads_to_a_page_that_asks_again_by_itself(client, cast, link, provider):
    form = client.get(f"{link}/payer").context["form"]
    assert form.initial["amount"] == 1_000_000
    sent = {
        "key": str(uuid.uuid4()), "lease": cast.lease.pk, "amount": "1 000 000",
        "kind": "mtn_momo", "phone": "622112233",
    }  # fmt: skip
    answers = {client.post(f"{link}/payer", sent)["Location"] for _time in range(2)}
    assert len(answers) == 1
    attempt = Attempt.objects.get()
    assert (attempt.amount, attempt.phone) == (1_000_000, "+224622112233")
    address = answers.pop()
    for state, asks_again in (("waiting_payer", True), ("failed", False), ("unknown", False)):
        Attempt.objects.update(state=state)
        assert (b'http-equiv="refresh"' in client.get(address).content) == asks_again
    stranger = link_token(make_tenant(site=cast.conakry))
    assert client.get(f"/l/{stranger}/attente/{attempt.pk}").status_code == 404
    assert not Payment.objects.exists()


def test_without_a_provider_nothing_is_offered(client, cast, link):
    assert not client.get(link).context["may_pay"]
    assert client.get(f"{link}/payer").status_code == 404


# --- "I have paid"


@pytest.mark.usefixtures("books")
def test_a_claim_is_accepted_once_as_the_cashier_found_it(client, cast, link, sign_in):
    sent = claim_form(cast.lease)
    for _time in range(2):
        sent["photo"] = photo()
        assert client.post(f"{link}/j-ai-paye", sent).status_code == 302
    claim = PaymentClaim.objects.get()
    assert not Payment.objects.exists()
    door = sign_in(cast.coumba)
    assert door.get("/declarations/").context["sums"][0]["amount"] == 400_000
    assert "/declarations/" in {line.address for line in door.get("/").context["waiting"]}
    page = f"/declarations/{claim.pk}/"
    assert door.get(page).context["form"].initial["amount"] == 400_000
    shown = door.get(f"{page}photo")
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content) == JPEG
    found = {
        "amount": "350 000", "method": "orange_money", "value_date": "2026-10-13",
        "reference": "OM-124",
    }  # fmt: skip
    for _time in range(2):
        assert door.post(page, found).status_code == 302
    payment = Payment.objects.get()
    assert (payment.amount, payment.source, payment.created_by) == (350_000, "claim", cast.coumba)
    claim.refresh_from_db()
    assert (claim.state, claim.payment) == ("accepted", payment)
    assert door.post(f"{page}refuser", {"reason": "no"}).status_code == 409
    assert [row.state for row in client.get(link).context["claims"]] == ["accepted"]


def test_a_refusal_says_why_and_nothing_is_recorded_after_it(client, cast, link, sign_in):
    client.post(f"{link}/j-ai-paye", claim_form(cast.lease))
    claim = PaymentClaim.objects.get()
    door = sign_in(cast.diallo)
    page = f"/declarations/{claim.pk}/"
    assert door.post(f"{page}refuser", {"reason": ""}).status_code == 400
    assert door.post(f"{page}refuser", {"reason": "Not on our account"}).status_code == 302
    found = {"amount": "1", "method": "cash", "value_date": "2026-10-13"}
    assert door.post(page, found).status_code == 409
    assert not Payment.objects.exists()
    assert "Not on our account" in Client().get(link).content.decode()


def test_only_a_photo_counts_as_one(client, cast, link):
    refused = [
        claim_form(cast.lease, photo=photo(b"<html><script>")),
        claim_form(cast.lease, photo="", reference=""),
        claim_form(cast.lease, amount="0"),
        claim_form(cast.lease, paid_on="2026-10-16"),
    ]
    for sent in refused:
        assert client.post(f"{link}/j-ai-paye", sent).status_code == 400
    assert not PaymentClaim.objects.exists()


def test_photos_are_for_those_who_may_see_the_lease(client, cast, link, sign_in):
    client.post(f"{link}/j-ai-paye", claim_form(cast.lease))
    address = f"/declarations/{PaymentClaim.objects.get().pk}/photo"
    assert Client().get(address).status_code == 302
    for user, status in ((cast.estelle, 403), (cast.gassim, 403), (cast.coumba, 200)):
        assert sign_in(user).get(address).status_code == status
    cast.diallo.assignments.all().delete()
    cast.diallo.assignments.create(site=cast.kindia)
    assert sign_in(cast.diallo).get(address).status_code == 404


def test_at_most_a_few_claims_wait_at_once(client, cast, link):
    answers = [
        client.post(
            f"{link}/j-ai-paye", claim_form(cast.lease), REMOTE_ADDR=f"41.0.0.{number}"
        ).status_code
        for number in range(6)
    ]
    assert answers == [302] * 5 + [409]
