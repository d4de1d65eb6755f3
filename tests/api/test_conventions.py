"""What holds for every answer of the API."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import path
from drf_spectacular import validation
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from rest_framework.response import Response

from akig import urls
from akig.lib.rest import ApiView
from tests.api.conftest import Caller


class Breaks(ApiView):
    permission_classes = ()

    def get(self, request) -> Response:
        raise RuntimeError("a secret of the inside")


urlpatterns = [path("api/breaks", Breaks.as_view()), *urls.urlpatterns]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/api/", "/api/nothing", "/api/tenants/", "/api/x/1/y"])
def test_unknown_addresses_are_problems_too(db, address, method):
    answer = Caller().generic(method, address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "code", "detail"}


@pytest.mark.urls(__name__)
def test_a_mistake_of_ours_tells_nothing_of_the_inside(db):
    caller = Caller(raise_request_exception=False)
    answer = caller.get("/api/breaks")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert answer["Content-Type"] == "application/problem+json"
    assert b"secret" not in answer.content


def test_a_strange_host_is_answered_without_html(db, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = Caller().get("/api/me", HTTP_HOST="evil.example")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_counts_what_is_left_on_every_answer(call):
    for address in ("/api/me", "/api/nothing", "/api/tenants/0"):
        answer = call("coumba").get(address)
        assert int(answer["X-RateLimit-Limit"]) == 100
        assert int(answer["X-RateLimit-Remaining"]) < 100


def test_two_branches_at_once_are_a_mistake(call, cast):
    assert cast.conakry and cast.kindia
    answer = call("awa").get("/api/tenants?site=GN_KINDIA", HTTP_X_SITE_ID="GN_CONAKRY")
    assert answer.status_code == 400


def test_the_description_is_whole(db, tmp_path):
    """As ``spectacular --validate`` holds it, which reads the standard anew for each reference."""
    written = tmp_path / "api.json"
    call_command("spectacular", fail_on_warn=True, format="openapi-json", file=str(written))
    standard = json.loads(
        Path(validation.__file__).with_name("openapi_3_1_schema.json").read_text()
    )
    registry = DRAFT202012.create_resource(standard) @ Registry()
    validator = Draft202012Validator({"$ref": standard["$id"]}, registry=registry.crawl())
    assert [fault.message for fault in validator.iter_errors(json.loads(written.read_text()))] == []


def test_the_description_is_served_and_can_be_browsed(client, db):
    described = client.get("/api/schema").json()
    assert described["openapi"].startswith("3.1")
    assert {
        "/api/auth/login",
        "/api/payments",
        "/api/tenants/{id}/statement",
        "/api/health",
        "/api/mobile-money/callback/{provider}",
    } <= set(described["paths"])
    pay = described["paths"]["/api/payments"]["post"]
    assert {"200", "201", "400", "401", "403", "409", "422", "429"} <= set(pay["responses"])
    assert "Idempotency-Key" in {parameter["name"] for parameter in pay["parameters"]}
    assert pay["security"] == [{"bearer": []}, {"apiKey": []}, {"cookieAuth": []}]
    statement = described["paths"]["/api/tenants/{id}/statement"]["get"]["operationId"]
    made = described["paths"]["/api/tenants"]["post"]["responses"]["201"]
    assert made["links"][statement]["parameters"] == {"id": "$response.body#/id"}
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert b"https://" not in page.content


def test_the_description_names_what_is_answered(call, cast):
    described = call("coumba").get("/api/schema").json()["components"]["schemas"]
    lease = call("coumba").get(f"/api/leases/{cast.lease.pk}").json()
    assert set(described["Lease"]["properties"]) == set(lease)
    assert json.dumps(described["Problem"]["required"])
