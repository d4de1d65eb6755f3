"""What is wrong with a provider, as far as we can see and as it says itself."""

import datetime as dt
import http.server
import threading

import pytest
from django.utils import timezone

from payments.models import Provider
from payments.providers import CLIENTS, ProviderDown, ProviderRefused, client_for, missing_secrets
from payments.providers.problems import problems_of
from payments.providers.web import LARGEST, Web

KINDS = list(Provider.Kind)
OURS = "https://akig.example"
pytestmark = pytest.mark.django_db


def codes(provider, *, serious=True):
    with client_for(provider) as client:
        return {p.code for p in problems_of(client) if p.text and (p.is_serious or not serious)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_takes_us_has_no_problem(provider, kind):
    assert codes(provider(kind)) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_each_missing_secret_is_named(provider, kind):
    bare = provider(kind, secrets={}, enabled=False)
    assert "secret_missing" in codes(bare)
    needed = set(CLIENTS[kind].secrets)
    assert set(missing_secrets(bare)) == needed - {"target_environment"}
    bare.sandbox = False
    assert set(missing_secrets(bare)) == needed


@pytest.mark.parametrize("kind", KINDS)
def test_refused_credentials_are_a_problem(provider, kind):
    wrong = dict.fromkeys(CLIENTS[kind].secrets, "wrong")
    assert codes(provider(kind, secrets=wrong)) == {"credentials_refused"}


def test_silence_is_told_but_may_pass(provider):
    silent = provider(Provider.Kind.WAVE, base_url="http://127.0.0.1:1")
    assert codes(silent) == set()
    assert "no_answer" in codes(silent, serious=False)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://akig.example", "callback_not_https"),
        ("https://41.77.1.2", "callback_not_domain"),
        ("https://[2001:db8::1]", "callback_not_domain"),
        ("https://akig", "callback_not_domain"),
        ("https://akig.example:8443", "callback_port"),
        ("https://akig.example:no", "callback_port"),
        ("https://akig.example/app", "callback_path"),
        (f"https://{'a' * 60}.{'b' * 30}.example", "callback_too_long"),
    ],
)
def test_an_address_to_which_nobody_calls_back_is_a_problem(provider, address, code):
    # On a server nothing is asked of the provider while the settings are wrong.
    wrong = provider(
        Provider.Kind.ORANGE_MONEY, base_url="https://api.orange.com", callback_url=address
    )
    assert code in codes(wrong)


@pytest.mark.parametrize(
    "address", ["http://api.orange.com", "http://41.77.1.2", "ftp://x.example"]
)
def test_secrets_never_go_out_in_the_open(provider, address):
    wrong = provider(Provider.Kind.ORANGE_MONEY, base_url=address, callback_url=OURS)
    assert "address_not_https" in codes(wrong)
    with client_for(wrong) as client, pytest.raises(ProviderRefused):
        client.prove()


def test_the_simulator_is_a_problem_on_a_server(provider, settings):
    settings.LOCAL = False
    assert "simulator" in codes(provider(Provider.Kind.WAVE, callback_url=OURS))


def test_an_address_of_the_other_environment_is_a_problem(provider):
    mixed = provider(
        Provider.Kind.MTN_MOMO, base_url="https://proxy.momoapi.mtn.com", callback_url=OURS
    )
    assert codes(mixed) == {"wrong_environment"}


def test_money_that_is_not_taken_is_a_problem(provider, cast):
    cast.conakry.currency = "EUR"
    assert "currency_not_served" in codes(provider(Provider.Kind.MTN_MOMO))


def test_days_without_success_or_call_back_are_shown(provider):
    old = timezone.now() - dt.timedelta(days=9)
    quiet = provider(
        Provider.Kind.WAVE,
        last_success_at=old,
        last_error="no_answer",
        last_error_at=timezone.now(),
    )
    assert codes(quiet, serious=False) == {"old_success", "no_callback", "last_error"}


# What an answer may be


class Odd(http.server.BaseHTTPRequestHandler):
    """Answers what the test put there."""

    status, body, location = 200, b"", ""

    def do_GET(self):
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        if self.location:
            self.send_header("Location", self.location)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"body": b'{"a": "' + b"x" * LARGEST + b'"}'}, "answer_too_large"),
        ({"body": b"<html>"}, "not_json"),
        ({"body": b"[1]"}, "not_json"),
        ({"status": 302, "location": "http://127.0.0.1:1/"}, "redirected"),
        ({"status": 429}, "busy"),
        ({"status": 502}, "server_error"),
    ],
)
def test_an_answer_that_is_none_is_no_answer(answer, reason):
    handler = type("Handler", (Odd,), answer)
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        web = Web(f"http://127.0.0.1:{server.server_address[1]}")
        with pytest.raises(ProviderDown) as failure:
            web.ask("GET", "/", repeatable=False)
        web.close()
        server.shutdown()
    assert failure.value.reason == reason
