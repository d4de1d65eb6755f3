"""Every change says who, what for and from where, whatever door it came through."""

import uuid
from io import StringIO

import pghistory
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pghistory.models import Context

from accounts.models import Trace, User
from accounts.services import correct_profile
from accounts.verbs import saying
from akig.lib import jobs
from notifications.models import Job
from notifications.services import perform_job
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def told_last(person):
    """Return the label of the newest row of history of ``person``, and its context."""
    event = User.pgh_event_model.objects.filter(pgh_obj=person).latest("pgh_id")
    return event.pgh_label, event.pgh_context.metadata


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else None


def test_signing_in_and_out_of_the_pages_is_on_record(client, cast):
    sent = {"login": cast.coumba.email, "password": PASSWORD}
    client.post("/accounts/login/", sent, headers={"User-Agent": "Firefox on a telephone"})
    label, told = told_last(cast.coumba)
    assert (label, told["user"], told["role"]) == ("signed_in", cast.coumba.pk, "secretaire")
    assert (told["agent"], told["address"]) == ("Firefox on a telephone", "127.0.0.1")
    assert told["request_id"]
    client.post("/accounts/logout/")
    label, told = told_last(cast.coumba)
    assert (label, told["user"]) == ("signed_out", cast.coumba.pk)


@pytest.mark.parametrize("door", ["/accounts/login/", "/api/auth/login"])
def test_a_failed_sign_in_is_on_record_as_nobodys(client, cast, door):
    email = cast.coumba.email
    sent = {"login": email, "email": email, "password": "wrong"}
    client.post(door, sent, content_type="application/json") if "api" in door else client.post(
        door, sent
    )
    label, told = told_last(cast.coumba)
    assert (label, told["user"], told["tried"]) == ("sign_in_failed", None, email)


def test_a_failed_sign_in_of_nobody_known_stands_with_the_system(client, cast):
    client.post("/accounts/login/", {"login": "Who@example.org", "password": "x"})
    label, told = told_last(User.objects.system())
    assert (label, told["tried"]) == ("sign_in_failed", "who@example.org")


def test_signing_in_and_out_over_the_api_is_on_record(client, cast):
    sent = {"email": cast.coumba.email, "password": PASSWORD}
    pair = client.post("/api/auth/login", sent, content_type="application/json").json()
    assert told_last(cast.coumba)[0] == "signed_in"
    client.post("/api/auth/logout", {"refresh": pair["refresh"]}, content_type="application/json")
    label, told = told_last(cast.coumba)
    assert (label, told["user"], told["url"]) == ("signed_out", cast.coumba.pk, "/api/auth/logout")


def test_raw_sql_leaves_the_program_and_the_user_of_the_database(cast):
    run("UPDATE accounts_user SET name = 'X' WHERE id = %s", cast.coumba.pk)
    label, told = told_last(cast.coumba)
    assert label == "update"
    assert told["program"] == run("SELECT current_setting('application_name')")[0][0] != ""
    assert told["database_user"] == run("SELECT session_user")[0][0]


def test_what_a_job_does_names_the_job_and_who_asked_for_it(cast, monkeypatch):
    def rename(job):
        User.objects.filter(pk=cast.coumba.pk).update(name="Y")

    monkeypatch.setitem(jobs._tasks, "accounts.rename", rename)
    job = Job.objects.create(kind="accounts.rename", requested_by=cast.admin)
    perform_job(job.pk)
    _label, told = told_last(cast.coumba)
    assert (told["job"], told["job_id"], told["user"]) == ("accounts.rename", job.pk, cast.admin.pk)


def test_what_the_record_says_of_an_act_stays_after_its_transaction(cast):
    run("UPDATE accounts_user SET name = 'X' WHERE id = %s", cast.coumba.pk)
    kept = Context.objects.latest("created_at").pk
    # The transaction of this test is the one that wrote it: let it be an older one.
    old = uuid.uuid4()
    run("INSERT INTO pghistory_context VALUES (%s, now() - interval '1 hour', now(), '{}')", old)
    assert Context.objects.filter(pk=kept).update(metadata={"still": "open"}) == 1
    for change in (
        "UPDATE pghistory_context SET metadata = '{\"user\": 1}' WHERE id = %s",
        "DELETE FROM pghistory_context WHERE id = %s",
    ):
        with pytest.raises(DatabaseError, match="neither changed"), transaction.atomic():
            run(change, old)


def test_a_later_act_of_the_same_request_does_not_rewrite_the_earlier_one(cast):
    with pghistory.context(verb="first") as context:
        run(
            "INSERT INTO pghistory_context VALUES (%s, now() - interval '1 s', now(), %s)",
            context.id,
            '{"verb": "first"}',
        )
        pghistory.context(verb="second")
        User.objects.filter(pk=cast.coumba.pk).update(name="Z")
    assert Context.objects.get(pk=context.id).metadata == {"verb": "first"}
    assert told_last(cast.coumba)[1]["verb"] == "second"


def test_acts_of_one_transaction_and_what_follows_them_are_told_apart(cast):
    with pghistory.context(request_id="R-1", url="/here"), transaction.atomic():
        correct_profile(actor=cast.coumba, name="Coumba", phone="", language="en")
        rename = User.objects.filter(pk=cast.coumba.pk).update
        with saying(verb="tests.rename", reason="Wedding"):
            rename(name="Coumba Barry")
            with saying(agreed="yes"):
                rename(name="Coumba Sow")
            rename(name="Coumba Sow Bah")
        rename(name="Coumba Diop")
    told = [event.pgh_context.metadata for event in cast.coumba.events.order_by("-pgh_id")[:5]]
    assert [said.get("verb") for said in reversed(told)] == [
        "accounts.correct_profile",
        *["tests.rename"] * 3,
        None,
    ]
    assert {said["request_id"] for said in told} == {"R-1"}
    assert told[1] == told[2] == told[3]  # one act, with all that it said
    assert (told[1]["reason"], told[1]["agreed"]) == ("Wedding", "yes")
    assert told[0] == {"request_id": "R-1", "url": "/here"}


def test_an_act_leaves_one_line_for_each_kind_and_branch(cast):
    assert cast.lease
    with pghistory.context(verb="tests.rename", user=cast.admin.pk):
        cast.tenant.phones.all().delete()
        type(cast.tenant).objects.filter(pk=cast.tenant.pk).update(name="N")
        type(cast.tenant).objects.filter(pk=cast.tenant.pk).update(name="O")
    lines = Trace.objects.filter(verb="tests.rename").values_list("model", "site", "person")
    assert set(lines) == {
        ("tenants.tenantphone", "GN_CONAKRY", cast.admin.pk),
        ("tenants.tenant", "GN_CONAKRY", cast.admin.pk),
    }
    assert len(lines) == 2
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Trace.objects.all().delete()


@pytest.mark.parametrize(
    "door, what",
    [
        ("/imports/export.zip", "portfolio"),
        ("/impayes/?format=csv", "arrieres"),
        ("/api/reporting/finance.csv?range=1m", "finance"),
    ],
)
def test_who_takes_data_out_is_on_record(sign_in, cast, door, what):
    assert cast.lease
    assert sign_in(cast.bachir).get(door).status_code == 200
    label, told = told_last(cast.bachir)
    assert (label, told["user"], told["url"]) == (
        "exported",
        cast.bachir.pk,
        door.partition("?")[0],
    )
    assert told["what"].startswith(what)
    assert told["query"] == door.partition("?")[2]


def test_an_export_of_the_back_office_is_on_record(sign_in, cast):
    assert cast.tenant
    fields = {f"tenantresource_{name}": "on" for name in ("name", "code")}
    sent = {"format": "0", "resource": "0", **fields, "exportedrow_name": "on"}
    answer = sign_in(cast.bachir).post("/admin/tenants/tenant/export/", sent)
    assert answer.status_code == 200
    label, told = told_last(cast.bachir)
    assert (label, told["what"], told["rows"]) == ("exported", "tenants.tenant", 1)


def test_the_export_of_the_portfolio_by_command_is_on_record(cast, tmp_path):
    assert cast.lease
    call_command("export_portfolio", str(tmp_path), verbosity=0, stdout=StringIO())
    label, told = told_last(User.objects.system())
    assert (label, told["what"]) == ("exported", "portfolio")
    assert told["program"]
