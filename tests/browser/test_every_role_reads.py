"""The main pages in a browser: axe finds nothing to mend, and nothing scrolls sideways."""

import os
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from payments.services.closing import enter_cost
from tests.browser.conftest import CHROMIUM
from tests.cast import PASSWORD
from tests.factories import charge, pay

LOOKS = [({"width": 390, "height": 844}, "dark"), ({"width": 1440, "height": 900}, "light")]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not CHROMIUM.exists() and "CI" not in os.environ,
        reason="Chromium is not installed (apt-get install chromium).",
    ),
]


@pytest.fixture
def paths(cast) -> dict[str, list[str]]:
    """Return which pages who reads; the rows on them are there."""
    charge(cast.lease, 1_000_000, date(2026, 1, 1), end=date(2026, 1, 31), due=date(2026, 1, 5))
    charge(cast.lease, 1_000_000, date(2026, 2, 1), end=date(2026, 2, 28), due=date(2026, 2, 5))
    payment = pay(cast.lease, 1_200_000, date(2026, 1, 4), collected_by=cast.estelle)
    enter_cost(
        actor=cast.diallo, site=cast.conakry, month=date(2026, 1, 1), category="salaries",
        amount=50_000,
    )  # fmt: skip
    lease = cast.lease
    return {
        cast.awa.email: [
            "/", "/impayes/", "/rapports/finance/?span=12m", f"/biens/{lease.property_id}/",
            "/carte", "/missions/", "/missions/preparer", "/missions/classement",
            f"/locataires/{lease.tenant_id}/", f"/baux/{lease.pk}/", "/locataires/",
        ],
        cast.diallo.email: [
            f"/paiements/encaisser?lease={lease.pk}", f"/paiements/{payment.pk}/", "/paiements/",
            "/echeances/", "/journal/", "/journal/periodes/",
            f"/locataires/{lease.tenant_id}/releve",
        ],
        cast.owner.user.email: ["/proprietaire/"],
    }  # fmt: skip


def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser, live_server, paths):
    wrong = []
    for turn, (person, addresses) in enumerate(paths.items()):
        page = browser.new_page(locale="fr-FR")
        page.goto(f"{live_server.url}/accounts/login/")
        wrong += [] if turn else troubles(page)
        page.fill("[name=login]", person)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "/login/" not in address)
        for address in addresses:
            answer = page.goto(live_server.url + address)
            assert answer.status == 200, address
            wrong += troubles(page)
        page.close()
    assert wrong == []


def troubles(page: Page) -> list[str]:
    """Return what axe finds on a page, wide and narrow, and whether it is wider than its window."""
    found = []
    for size, scheme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found += [
            f"{page.url} {scheme}: {trouble['id']}: {node['html']}"
            for trouble in Axe().run(page).response["violations"]
            for node in trouble["nodes"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{page.url} {scheme}: scrolls sideways")
    return found
