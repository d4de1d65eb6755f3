"""The callers of the API, each with a token of their own."""

import json

import pytest

from tests.api.described import hold
from tests.cast import PASSWORD, Cast
from tests.conftest import Door
from tests.factories import (
    ask_approval,
    charge,
    make_attempt,
    make_promise,
    make_provider,
    make_statement,
    pay,
)


class Caller(Door):
    """Somebody's telephone: JSON in, JSON out, signed in by a token.

    Every answer is held against the description of the API.
    """

    def __init__(self, user=None, **defaults):
        super().__init__(**defaults)
        self.tokens = {}
        if user is not None:
            self.tokens = self.post(
                "/api/auth/login", {"email": user.email, "password": PASSWORD}
            ).json()
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens['access']}"

    def generic(self, method, path, data="", content_type="application/json", **extra):
        if isinstance(data, dict | list):
            data = json.dumps(data)
        answer = super().generic(method, path, data, content_type, **extra)
        hold(method, path, answer)
        return answer

    def post(self, path, data=None, **extra):
        return self.generic("POST", path, {} if data is None else data, **extra)

    def patch(self, path, data=None, **extra):
        return self.generic("PATCH", path, {} if data is None else data, **extra)


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def call(cast):
    """Return a caller by the name of a person of the cast: ``call("coumba").get(…)``."""
    known: dict[str, Caller] = {}

    def as_person(name: str = "") -> Caller:
        if name not in known:
            known[name] = Caller(getattr(cast, name) if name else None)
        return known[name]

    return as_person


@pytest.fixture
def ids(cast) -> dict:
    """An agency where there is one of everything; return each one's id by its address."""
    charge(cast.lease, 1_000_000, cast.lease.start)
    statement, line = make_statement(cast.conakry, cast.awa)
    payment = pay(cast.lease, 400_000)
    return {
        "/api/approvals": ask_approval(payment, cast.diallo).pk,
        "/api/sites": cast.conakry.pk,
        "/api/owners": cast.owner.pk,
        "/api/properties": cast.house.pk,
        "/api/units": cast.unit.pk,
        "/api/tenants": cast.tenant.pk,
        "/api/leases": cast.lease.pk,
        "/api/payments": payment.pk,
        "/api/mobile-money/attempts": make_attempt(make_provider(cast.conakry), cast.lease).pk,
        "/api/recovery/promises": make_promise(cast.tenant).pk,
        "/api/recovery/history": cast.tenant.pk,
        "/api/statements": statement.pk,
        "/api/statements/lines": line.pk,
    }


@pytest.fixture
def usual(cast) -> dict:
    """What a body holds beside the field that is tried, wherever there is such a field."""
    return {
        "site": "GN_CONAKRY",
        "lease": cast.lease.pk,
        "tenant": cast.tenant.pk,
        "property": cast.house.pk,
        "owner": cast.owner.pk,
        "units": [cast.unit.pk],
        "name": "Essai",
        "title": "Essai",
        "number": "E1",
        "amount": 1_000,
        "rent": 1_000,
        "start": "2030-01-01",
        "method": "cash",
        "provider": "mtn_momo",
        "period": "2026-01",
        "result": "refused",
    }
