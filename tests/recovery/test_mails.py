"""Reminders by e-mail: each goes once, and nobody waits for a slow mail server."""

from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection

from recovery.models import Action, Case
from recovery.services.cases import refresh_cases
from recovery.services.mails import MailAway, post_step
from recovery.services.steps import BeingSent, decide_otherwise, send_step, settle_step
from recovery.tasks import send_mails
from tests.factories import charge, pay
from tests.mailserver import mail_server
from tests.recovery.conftest import TODAY

AWAY = ("127.0.0.1", 1)


@pytest.fixture
def server(settings):
    with mail_server(settings) as server:
        yield server


@pytest.fixture
def case(cast) -> Case:
    """Gassim, who agreed to messages, is four days late."""
    cast.tenant.agreed_on, cast.tenant.email = date(2026, 1, 1), "gassim@example.org"
    cast.tenant.save()
    refresh_cases(actor=cast.awa, site=cast.conakry)
    charge(cast.lease, 1_000_000, TODAY - timedelta(days=4))
    return Case.objects.select_related("site", "tenant", "next_level").get()


def decide(cast, case) -> Action:
    return decide_otherwise(actor=cast.bachir, case=case, channel="email", reason="asked for")


@pytest.fixture
def decided(cast, case) -> Action:
    return decide(cast, case)


def test_an_e_mail_goes_once_with_what_is_owed_then(cast, decided, server):
    send_mails()
    send_mails()
    (mail,) = server.mails
    action = Action.objects.get()
    assert "To: gassim@example.org" in mail
    assert f"Message-ID: <step.{action.pk}@" in mail
    assert (action.state, action.amount, action.failure) == ("sent", 1_000_000, "")
    case = Case.objects.get()
    assert (case.level, case.acted_on) == (1, TODAY)


def test_where_the_mail_server_is_away_the_e_mail_waits(cast, decided, server, settings):
    here = settings.EMAIL_HOST, settings.EMAIL_PORT
    settings.EMAIL_HOST, settings.EMAIL_PORT = AWAY
    send_mails()
    action = Action.objects.get()
    assert (action.state, action.amount, action.sent_at) == ("to_send", None, None)
    with pytest.raises(MailAway):
        post_step(actor=cast.bachir, action=action)
    settings.EMAIL_HOST, settings.EMAIL_PORT = here
    send_mails()
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", "failed"), ("451 later", "to_send")]
)
def test_who_is_refused_for_good_is_not_tried_again(decided, server, answer, state):
    server.answers["RCPT"] = answer
    send_mails()
    action = Action.objects.get()
    assert (action.state, action.failure) == (state, answer)
    assert (action.text == "") == (state == "to_send")
    assert Case.objects.get().level == 0
    assert Case.objects.to_write().exists() == (state == "failed")  # a person decides anew


def test_where_the_connection_is_lost_a_person_settles_it(
    cast, decided, server, sign_in, mid_october
):
    server.answers["DATA"] = None
    server.answers["QUIT"] = None
    send_mails()
    assert Action.objects.get().state == "sending"
    del server.answers["DATA"]
    send_mails()
    assert server.mails == []  # it may have gone: nothing is sent twice
    assert not Case.objects.to_write().exists()
    with pytest.raises(BeingSent):
        settle_step(actor=cast.coumba, action=decided, went=False)
    mid_october.shift(660)
    door = sign_in(cast.coumba)
    assert door.get(f"/recouvrement/relances/{decided.pk}/").status_code == 302
    (row,) = door.get("/recouvrement/relances/a-envoyer").context["page"]
    assert row == decided
    address = f"/recouvrement/relances/{decided.pk}/issue"
    assert door.post(address, {"went": ""}).status_code == 400
    assert door.post(address, {"went": "no"}).status_code == 302
    send_mails()
    assert len(server.mails) == 1
    assert Action.objects.get().state == "sent"


def test_one_that_was_interrupted_and_went_counts_as_sent(cast, decided, mid_october):
    send_step(actor=cast.bachir, action=decided)  # and the process dies
    with pytest.raises(BeingSent):
        post_step(actor=cast.bachir, action=decided)
    mid_october.shift(660)
    settle_step(actor=cast.coumba, action=decided, went=True)
    assert settle_step(actor=cast.coumba, action=decided, went=False).state == "sent"
    assert Case.objects.get().level == 1


@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_server_holds_up_no_payment(cast, case, server):
    server.open.clear()

    def post():
        try:
            decide(cast, case)  # which rings, and a worker sends
        finally:
            connection.close()

    sending = Thread(target=post)
    sending.start()
    assert server.asked.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    pay(cast.lease, 1_000_000)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    assert Action.objects.get().state == "sending"
    server.open.set()
    sending.join(10)
    assert Action.objects.get().state == "sent"
    case.refresh_from_db()
    assert (case.state, case.level) == ("settled", 0)
