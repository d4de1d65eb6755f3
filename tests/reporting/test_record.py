"""The record as the director reads it: on its page and over the API."""

import re

import pytest

from accounts.models import Trace
from payments.services.collecting import cancel_payment, record_payment
from sites_app.models import Property
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(cast):
    paid = record_payment(actor=cast.diallo, lease=cast.lease, amount=400_000, method="cash")
    cancel_payment(actor=cast.diallo, payment=paid, reason="Twice")
    return paid


def lines(answer):
    return [
        (line.trace.verb, line.trace.model, line.trace.site) for line in answer.context["lines"]
    ]


def test_the_page_shows_who_did_what_narrowed_by_all_its_filters(client, cast, payment):
    client.force_login(cast.awa)
    cancelled = ("payments.cancel_payment", "payments.payment", "GN_CONAKRY")
    recorded = ("payments.record_payment", "payments.payment", "GN_CONAKRY")
    for asked in (
        {"model": "payments.payment"},
        {"user": cast.diallo.pk, "model": "payments.payment", "object_id": payment.pk},
    ):
        assert set(lines(client.get("/registre/", asked))) == {cancelled, recorded}
    asked = {"act": "payments.cancel_payment", "model": "payments.payment"}
    answer = client.get("/registre/", asked)
    assert lines(answer) == [cancelled]
    assert answer.context["lines"][0].who == "Diallo Mamadou"
    for asked in (
        {"user": cast.coumba.pk},
        {"model": "payments.payment", "object_id": "0"},
        {"model": "payments.payment", "object_id": "x"},
        {"object_id": payment.pk},
        {"request": "nobody's"},
        {"to": "2020-01-01"},
        {"from": "yesterday"},
    ):
        assert lines(client.get("/registre/", asked)) == [], asked


def test_a_line_opens_what_was_before_and_after(client, cast, payment):
    client.force_login(cast.awa)
    asked = {"act": "payments.cancel_payment", "model": "payments.payment"}
    [line] = client.get("/registre/", asked).context["lines"]
    [[number, _event, changes]] = client.get(f"/registre/{line.trace.pk}/").context["rows"]
    assert number == str(payment.pk)
    assert "confirmé" in str(changes) and "annulé" in str(changes)


def test_what_one_request_did_is_found_by_its_number(client, cast):
    client.force_login(cast.awa)
    sent = {"name": "Awa Barry", "phone": "", "language": "en"}
    client.post("/profil/", sent, headers={"X-Request-ID": "abc-1"})
    assert lines(client.get("/registre/?request=abc-1")) == [
        ("accounts.correct_profile", "accounts.user", None)
    ]


def test_pages_go_on_where_the_last_one_ended(client, cast, monkeypatch):
    monkeypatch.setattr("reporting.views_record.ROWS", 2)
    assert cast.lease
    client.force_login(cast.awa)
    seen, address = [], "/registre/"
    while address:
        answer = client.get(address)
        seen += [line.trace.pk for line in answer.context["lines"]]
        further = re.search(r'href="(\?[^"]*before=[^"]*)"', answer.content.decode())
        address = further and "/registre/" + further[1].replace("&amp;", "&")
    assert seen == list(Trace.objects.order_by("-at", "-id").values_list("pk", flat=True))
    assert client.get("/registre/?before=x").status_code == 404


def test_the_queries_do_not_grow_with_the_lines(
    client, cast, payment, django_assert_max_num_queries
):
    client.force_login(cast.awa)
    with django_assert_max_num_queries(14):
        assert len(client.get("/registre/").context["lines"]) > 10


def test_what_goes_out_as_a_file_is_itself_on_record(client, cast, payment):
    client.force_login(cast.awa)
    rows = client.get("/registre/?model=payments.payment&format=csv").content.decode().splitlines()
    assert len(rows) == 3
    [line] = client.get("/registre/?act=accounts.exported").context["lines"]
    assert (line.who, line.told["what"]) == ("Awa Barry", "record")


def test_the_api_tells_the_same_with_before_and_after(cast, payment):
    caller = Caller(cast.awa)
    sent = caller.get(f"/api/audit?model=payments.payment&object_id={payment.pk}").json()
    newest = sent["results"][0]
    assert (newest["act"], newest["user"]) == ("payments.cancel_payment", cast.diallo.pk)
    assert newest["act_label"] == "Annuler un paiement"
    [row] = newest["rows"]
    assert (row["before"]["status"], row["after"]["status"]) == ("confirmed", "cancelled")
    first = caller.get("/api/audit?page_size=1").json()
    second = caller.get(first["next"]).json()
    assert first["results"][0]["id"] > second["results"][0]["id"]
    assert caller.get("/api/audit?from=never").status_code == 400
    assert Caller(cast.coumba).get("/api/audit").status_code == 403


def test_a_reader_sees_the_branches_where_he_works_alone(client, cast, payment):
    Property.objects.filter(pk=cast.far_lease.property_id).update(name="Far")
    cast.awa.assignments.filter(site=cast.kindia).delete()
    client.force_login(cast.awa)
    caller = Caller(cast.awa)
    far = Trace.objects.filter(site="GN_KINDIA").latest("id")
    assert {site for _verb, _model, site in lines(client.get("/registre/"))} <= {
        "GN_CONAKRY",
        None,
    }
    assert client.get(f"/registre/{far.pk}/").status_code == 404
    sites = {line["site"] for line in caller.get("/api/audit?page_size=200").json()["results"]}
    assert sites == {"GN_CONAKRY", None}
    assert caller.get("/api/audit?site=GN_KINDIA").status_code == 403
