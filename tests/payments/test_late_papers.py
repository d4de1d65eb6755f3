"""When a paper cannot be made in time, page and API say so and name when to ask again."""

from datetime import date

import pytest

from akig.lib import workshop
from payments.models import Receipt
from tests.factories import pay


@pytest.fixture
def no_place(monkeypatch):
    """Let every place for work beside be taken, and nobody wait for one."""
    monkeypatch.setattr(workshop, "PATIENCE", 0)
    taken = [workshop._places.acquire() for _place in range(workshop.PLACES)]
    yield
    for _place in taken:
        workshop._places.release()


@pytest.fixture
def address(cast):
    pay(cast.lease, 600_000, date(2026, 1, 4), collected_by=cast.estelle)
    return Receipt.objects.get().number


@pytest.mark.usefixtures("no_place")
def test_the_page_says_so(sign_in, cast, address):
    answer = sign_in(cast.estelle).get(f"/recus/{address}.pdf")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "503.html" in [template.name for template in answer.templates]


@pytest.mark.usefixtures("no_place")
def test_the_api_says_so(sign_in, cast, address):
    answer = sign_in(cast.estelle).get(f"/api/receipts/{address}.pdf")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["code"] == "busy"
