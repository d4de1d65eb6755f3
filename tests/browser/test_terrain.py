"""Telephones of the field in a browser: without network, closed, reopened, refused, in conflict."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from rest_framework.response import Response

from accounts.models import Device
from agents.api.sync import Push
from agents.models import Operation, Position
from payments.models import Payment, Receipt
from recovery.models import Contact, Photo
from recovery.services.cases import refresh_cases
from tenants.models import Tenant
from tests.browser.conftest import CHROMIUM
from tests.cast import PASSWORD
from tests.factories import charge, make_lease, make_property, make_tenant, make_unit
from tests.pictures import JPEG

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not CHROMIUM.exists() and "CI" not in os.environ,
        reason="Chromium is not installed (apt-get install chromium).",
    ),
]

NAMES = ["Aïssatou Baldé", "Mory Kourouma", "Fanta Keïta", "Lansana Bangoura", "Kadiatou Sow"]
SENT = "li[data-state=accepted]"


@pytest.fixture
def late(cast):
    """Five tenants of Conakry who are late, and Estelle who may visit them."""
    house = make_property(site=cast.conakry, quartier="Kipé", latitude="9.6", longitude="-13.6")
    leases = [
        make_lease(
            unit=make_unit(house),
            tenant=make_tenant(site=cast.conakry, name=name, phone=f"+22462211000{place}"),
        )
        for place, name in enumerate(NAMES)
    ]
    for lease in leases:
        charge(lease, 1_000_000, timezone.localdate() - timedelta(days=20))
    refresh_cases(actor=cast.bachir, site=cast.conakry)
    return leases


@pytest.fixture
def telephone(browser_type, browser_type_launch_args, live_server, tmp_path, settings):
    """Return a function that takes up a telephone by its name; closed, it keeps what it holds."""
    settings.THROTTLE_USER = 10**6
    taken = []

    def take_up(name="one", person=None):
        context = browser_type.launch_persistent_context(
            tmp_path / name,
            **browser_type_launch_args,
            viewport={"width": 360, "height": 740},
            locale="fr-FR",
            geolocation={"latitude": 9.6, "longitude": -13.6, "accuracy": 9},
            permissions=["geolocation"],
        )
        taken.append(context)
        page = context.pages[0]
        page.set_default_timeout(20_000)
        if person is not None:
            sign_in(page, live_server, person)
            page.wait_for_selector(".stops a")
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        return page

    yield take_up
    for context in taken:
        context.close()


def sign_in(page, live_server, person):
    page.goto(f"{live_server.url}/accounts/login/?next=/terrain/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/terrain/**")


def go(page, mark):
    page.evaluate("mark => { location.hash = mark }", mark)


def take_cash(page, tenant, amount, *, photo=None):
    """Visit a tenant in three taps: who, what happened, done."""
    go(page, "#/")
    page.locator(".stops a", has_text=tenant.name).click()
    page.locator(".results a.payment").click()
    page.fill("[name=amount]", str(amount))
    if photo:
        page.set_input_files(
            "[name=photo]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo}
        )
    page.locator("form button.payment").click()
    page.wait_for_selector(".receipt .code")
    return page.locator(".receipt .code").inner_text().replace(" ", "")


def write_notes(page, tenant, notes):
    go(page, f"#/edit/{tenant.pk}")
    page.fill("[name=notes]", notes)
    page.locator("form button").click()
    page.wait_for_selector(".results")


def states(page):
    go(page, "#/queue")
    page.wait_for_selector(".queue")
    rows = page.locator(".queue li").all()
    return sorted(row.get_attribute("data-state") for row in rows)


def accepted(page, number):
    """Wait until the office has accepted so many, and nothing else waits."""
    go(page, "#/queue")
    expect(page.locator(SENT)).to_have_count(number, timeout=30_000)
    assert page.locator(".queue li").count() == number


def test_five_visits_without_network_outlive_the_browser_and_arrive_once(
    cast, late, live_server, telephone
):
    page = telephone(person=cast.estelle)
    page.context.set_offline(True)
    codes = [
        take_cash(page, lease.tenant, 100_000, photo=JPEG if not place else None)
        for place, lease in enumerate(late)
    ]
    assert set(states(page)) == {"phone"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
    assert Contact.objects.count() == 0

    page = telephone()
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/terrain/")
    page.wait_for_selector(".stops a")
    assert set(states(page)) == {"phone"}
    page.context.set_offline(False)
    accepted(page, 11)
    assert Payment.objects.count() == Contact.objects.count() == 5
    assert sorted(Receipt.objects.values_list("code", flat=True)) == sorted(codes)
    assert Photo.objects.get().contact.tenant_id == late[0].tenant_id
    assert Position.objects.filter(agent=cast.estelle).exists()
    page.goto(f"{live_server.url}/verify/{codes[0]}")
    assert Receipt.objects.get(code=codes[0]).number in page.content()


def test_what_waits_is_sent_by_the_worker_while_the_page_is_closed(
    cast, late, live_server, telephone
):
    page = telephone(person=cast.estelle)
    page.context.set_offline(True)
    code = take_cash(page, late[0].tenant, 100_000)
    page.goto("about:blank")
    assert not Operation.objects.exists()
    page.context.set_offline(False)
    dispatch_sync(page, live_server.url)
    deadline = time.monotonic() + 20
    while Operation.objects.count() < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert Receipt.objects.get().code == code
    page.goto(f"{live_server.url}/terrain/")
    accepted(page, 2)
    assert Payment.objects.count() == 1


def dispatch_sync(page, origin):
    """Let the browser find that there is network again, as Background Sync does."""
    browser, told = page.context.new_cdp_session(page), []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: told.extend(event["registrations"]),
    )
    browser.send("ServiceWorker.enable")
    while not told:
        page.wait_for_timeout(50)
    sync = {"origin": origin, "registrationId": told[0]["registrationId"]}
    browser.send("ServiceWorker.dispatchSyncEvent", {**sync, "tag": "push", "lastChance": True})


def test_two_telephones_correct_one_tenant_and_a_person_settles_it(cast, late, telephone):
    tenant = late[0].tenant
    first = telephone("first", cast.estelle)
    second = telephone("second", cast.bachir)
    second.context.set_offline(True)
    write_notes(second, tenant, "Portail vert")
    write_notes(first, tenant, "Portail bleu")
    accepted(first, 1)
    second.context.set_offline(False)
    go(second, "#/queue")
    second.locator("li[data-state=conflict] a").click()
    assert second.locator("[name=notes]").input_value() == "Portail bleu\nPortail vert"
    second.locator("form button").first.click()
    accepted(second, 1)
    tenant.refresh_from_db()
    assert tenant.notes == "Portail bleu\nPortail vert"


def test_corrections_in_a_row_reach_the_office_as_one_and_conflict_with_nobody(
    cast, late, telephone
):
    tenant = late[0].tenant
    page = telephone(person=cast.estelle)
    page.context.set_offline(True)
    write_notes(page, tenant, "Portail bleu")
    write_notes(page, tenant, "Portail vert")
    page.context.set_offline(False)
    accepted(page, 1)
    tenant.refresh_from_db()
    assert tenant.notes == "Portail vert"


def test_an_office_that_fails_is_asked_again_until_it_is_well(cast, late, telephone, monkeypatch):
    page = telephone(person=cast.estelle)
    troubles = [Response({}, status=500), Response({}, status=429, headers={"Retry-After": "1"})]
    well = Push.post

    def fail_then_lose_an_answer(self, request):
        if troubles:
            return troubles.pop(0)
        answer = well(self, request)
        if Operation.objects.count() == 2 and not lost:
            lost.append(answer)
            return Response({}, status=502)
        return answer

    lost = []
    monkeypatch.setattr(Push, "post", fail_then_lose_an_answer)
    page.clock.install()
    page.reload()
    page.wait_for_selector(".stops a")
    take_cash(page, late[0].tenant, 100_000)
    for _wait in range(30):
        page.wait_for_timeout(300)  # the office answers in its own time, and is left alone in ours
        page.clock.fast_forward(10_000)
        if lost:
            break
    accepted(page, 2)
    assert not troubles
    assert lost
    assert Payment.objects.count() == 1


def test_a_clock_a_day_fast_dates_no_money_in_the_future(cast, late, telephone):
    page = telephone(person=cast.estelle)
    page.clock.install(time=timezone.now() + timedelta(days=1))
    page.reload()
    page.wait_for_selector(".stops a")
    take_cash(page, late[0].tenant, 100_000)
    page.clock.run_for(10_000)
    accepted(page, 2)
    assert Payment.objects.get().value_date == timezone.localdate()
    made_on = {operation.made_at.date() for operation in Operation.objects.all()}
    assert timezone.localdate() + timedelta(days=1) in made_on


def test_a_sign_in_that_ended_loses_nothing(cast, late, live_server, telephone):
    page = telephone(person=cast.estelle)
    kept = page.context.cookies()
    page.context.clear_cookies()
    take_cash(page, late[0].tenant, 100_000)
    page.wait_for_selector("#state.trouble a")
    assert "accepted" not in states(page)
    page.context.add_cookies(kept)
    page.reload()
    accepted(page, 2)
    assert Payment.objects.count() == 1


def test_a_telephone_that_was_cut_off_wipes_itself(cast, late, telephone):
    page = telephone(person=cast.estelle)
    Device.objects.update(cut_off_at=timezone.now())
    page.reload()
    page.wait_for_selector(".empty")
    assert page.locator("#state.trouble").count() == 1
    assert page.locator(".stops a").count() == 0


def test_another_person_takes_a_telephone_over_once_everything_is_sent(
    cast, late, live_server, telephone
):
    page = telephone(person=cast.estelle)
    page.context.set_offline(True)
    take_cash(page, late[0].tenant, 100_000)
    page.context.clear_cookies()
    page.context.set_offline(False)
    sign_in(page, live_server, cast.bachir)
    page.wait_for_selector(".empty")
    assert page.locator(".stops a").count() == 0
    page.context.clear_cookies()
    sign_in(page, live_server, cast.estelle)
    accepted(page, 2)
    page.context.clear_cookies()
    with page.expect_response("**/api/sync/pull?*"):
        sign_in(page, live_server, cast.bachir)
    page.wait_for_selector(".stops a")
    assert Device.objects.filter(user=cast.bachir).exists()
    assert Payment.objects.get().created_by == cast.estelle


def test_a_telephone_without_contact_for_three_days_forgets_and_keeps_its_queue(
    cast, late, live_server, telephone
):
    page = telephone(person=cast.estelle)
    page.context.set_offline(True)
    take_cash(page, late[0].tenant, 100_000)
    page.evaluate(
        """() => new Promise(done => {
            const asked = indexedDB.open("terrain");
            asked.onsuccess = () => {
                const words = asked.result.transaction("meta", "readwrite");
                words.objectStore("meta").put(Date.now() - 73 * 3600 * 1000, "contact");
                words.oncomplete = done;
            };
        })"""
    )
    page.goto(f"{live_server.url}/terrain/")
    page.wait_for_selector(".empty")
    assert page.locator(".stops a").count() == 0
    assert set(states(page)) == {"phone"}
    assert Tenant.objects.get(pk=late[0].tenant_id).name not in page.content()
    page.context.set_offline(False)
    accepted(page, 2)
    assert Payment.objects.count() == 1
