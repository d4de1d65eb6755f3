"""The map in a browser, under our own policy and with no server that draws streets."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from agents.services.positions import tell_position
from tests.browser.conftest import CHROMIUM
from tests.cast import PASSWORD
from tests.factories import charge, make_lease, make_property, make_tenant, make_unit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not CHROMIUM.exists() and "CI" not in os.environ,
        reason="Chromium is not installed (apt-get install chromium).",
    ),
]


def test_late_tenants_and_colleagues_are_drawn_and_opened(browser, live_server, cast):
    for name, days, amount, place in (
        ("Aïssatou Baldé", 10, 400_000, ("9.6000", "-13.6000")),
        ("Mory Kourouma", 70, 1_500_000, ("9.6000", "-13.6000")),
        ("Fanta Keïta", 40, 750_000, ("9.5200", "-13.7000")),
    ):
        quarter = "Kipé" if place[0] == "9.6000" else "Dixinn"
        house = make_property(
            site=cast.conakry, quartier=quarter, latitude=place[0], longitude=place[1]
        )
        lease = make_lease(unit=make_unit(house), tenant=make_tenant(site=cast.conakry, name=name))
        charge(lease, amount, timezone.localdate() - timedelta(days=days))
    tell_position(agent=cast.estelle, site=cast.conakry, latitude="9.55", longitude="-13.65")
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="fr-FR")
    faults = []
    page.on("console", lambda said: said.type == "error" and faults.append(said.text))
    # The live process is another one, and away here: the page asks again by itself.
    page.route_web_socket("**/ws/live", lambda _socket: None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/accounts/login/?next=/carte")
    page.fill("[name=login]", cast.bachir.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".map .spot.urgent")
    names = page.locator(".map .name.quarter").all_inner_texts()
    assert sorted(names) == ["Dixinn", "Kipé"]
    assert page.locator(".map .spot.person").inner_text() == "E"
    group = page.locator(".map .spot.critical")
    assert group.inner_text() == "2"
    while not page.locator(".late-list").count():  # nearer with each press, then opened
        page.locator(".map .spot.critical").click()
        page.wait_for_timeout(600)
    page.wait_for_selector(".late-list a")
    assert page.locator(".late-list a").all_inner_texts() == ["Mory Kourouma", "Aïssatou Baldé"]
    assert faults == []
