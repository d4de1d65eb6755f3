"""Programs sign in with keys: some rights of a person, at some branches, for some time."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from accounts import answers
from accounts.keys import holder_of
from accounts.models import ApiKey
from accounts.roles import PERSONAL
from accounts.tasks import note_use_of_keys
from akig.lib import jobs
from notifications.services import perform_job, start_job
from sites_app.models import Assignment
from tenants.models import Lease
from tests.api.conftest import Caller

KEYS = "/api/api-keys"
seen: dict[int, tuple[int, bool]] = {}


@jobs.task("notifications.look")
def look(job):
    """Note how many leases the job sees, and whether it may do what no key lends here."""
    actor = job.requested_by
    seen[job.pk] = Lease.objects.visible_to(actor).count(), actor.may("tenant.view")


def code(answer):
    return answer.status_code, answer.json()["code"]


class Program(Caller):
    """A program that sends a key."""

    def __init__(self, written):
        super().__init__(HTTP_AUTHORIZATION=f"Api-Key {written}")


@pytest.fixture
def make(call, cast):
    """Return a function that lets a person make a key and gives back the whole answer."""

    def make_key(who="admin", scopes=("lease.view", "site.view"), sites=("GN_CONAKRY",), **more):
        assert cast.conakry and cast.kindia
        sent = {"name": "Site", "scopes": list(scopes), "sites": list(sites), **more}
        answer = call(who).post(KEYS, sent)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return make_key


def test_a_key_is_shown_once_and_kept_nowhere(call, make):
    made = make()
    secret = made["key"].split("_", 2)[2]
    assert made["prefix"] in made["key"]
    shown = call("admin").get(KEYS).json()["results"][0]
    assert shown == {name: value for name, value in made.items() if name != "key"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM accounts_apikey k")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT row_to_json(k)::text FROM accounts_apikeyevent k")
        kept += cursor.fetchone()[0]
    assert secret not in kept


def test_a_program_sees_the_branches_of_its_key_alone(make, cast):
    assert cast.lease and cast.far_lease
    program = Program(make()["key"])
    leases = program.get("/api/leases").json()["results"]
    assert [lease["id"] for lease in leases] == [cast.lease.pk]
    assert program.get(f"/api/leases/{cast.far_lease.pk}").status_code == 404
    assert code(program.get("/api/leases?site=GN_KINDIA")) == (403, "site_forbidden")
    me = program.get("/api/me").json()
    assert (me["sites"], me["permissions"]) == (["GN_CONAKRY"], ["lease.view", "site.view"])


def test_a_program_has_the_rights_of_its_key_alone(make, cast):
    program = Program(make()["key"])
    assert program.get(f"/api/leases/{cast.lease.pk}").status_code == 200
    assert code(program.get(f"/api/tenants/{cast.tenant.pk}")) == (403, "permission_denied")


def test_what_a_program_does_is_on_record_with_its_key(make, cast):
    made = make(scopes=("tenant.view", "tenant.edit"))
    address = f"/api/tenants/{cast.tenant.pk}"
    assert Program(made["key"]).patch(address, {"name": "Gassim Bah"}).status_code == 200
    said = cast.tenant.events.order_by("-pgh_id").first().pgh_context.metadata
    assert (said["user"], said["key"]) == (cast.admin.pk, made["prefix"])
    assert said["verb"] == "tenants.correct_tenant"


@pytest.mark.parametrize(
    "asked, refusal",
    [
        ({"scopes": ["user.manage"]}, (400, "validation_error")),
        ({"scopes": ["payout.approve"]}, (400, "validation_error")),
        ({"scopes": []}, (400, "validation_error")),
        ({"scopes": ["no.such"]}, (400, "validation_error")),
        ({"sites": []}, (400, "validation_error")),
        ({"sites": ["SN_DAKAR"]}, (403, "site_forbidden")),
        ({"sites": ["\x00"]}, (400, "validation_error")),
        ({"name": ""}, (400, "validation_error")),
        ({"expires_at": "2020-01-01T00:00:00Z"}, (400, "validation_error")),
        ({"expires_at": "2099-01-01T00:00:00Z"}, (400, "validation_error")),
    ],
)
def test_nobody_lends_what_he_has_not(call, cast, asked, refusal):
    assert cast.conakry and cast.dakar
    sent = {"name": "Site", "scopes": ["lease.view"], "sites": ["GN_CONAKRY"], **asked}
    assert code(call("awa").post(KEYS, sent)) == refusal
    assert not ApiKey.objects.exists()


def test_a_key_is_refused_while_its_owner_owes_a_second_factor(make, settings):
    program = Program(make()["key"])
    settings.MFA_GRACE_DAYS = 0
    assert code(program.get("/api/leases")) == (401, "otp_required")


def test_what_a_program_left_to_be_done_is_narrowed_to_its_key(make, cast):
    assert cast.lease and cast.far_lease
    user = holder_of(make()["key"])
    job = start_job(user, "notifications.look", {})
    own = start_job(cast.admin, "notifications.look", {})
    assert job.pk != own.pk
    perform_job(job.pk)
    perform_job(own.pk)
    assert seen == {job.pk: (1, False), own.pk: (2, True)}


def test_what_a_program_left_to_be_done_ends_with_its_key(make, cast):
    job = start_job(holder_of(make()["key"]), "notifications.look", {"turn": 2})
    ApiKey.objects.update(revoked_at=timezone.now())
    perform_job(job.pk)
    job.refresh_from_db()
    assert job.state == job.State.FAILED
    assert job.pk not in seen


def test_a_right_that_the_owner_loses_is_lost_to_the_key(make, cast):
    program = Program(make("awa", scopes=("lease.view", "ledger.view"))["key"])
    assert program.get("/api/me").json()["permissions"] == ["lease.view", "ledger.view"]
    cast.awa.groups.set([Group.objects.get(name="chef_equipe")])
    assert program.get("/api/me").json()["permissions"] == ["lease.view"]


def test_a_branch_that_the_owner_leaves_is_closed_to_the_key(make, cast):
    program = Program(make("awa", sites=("GN_CONAKRY", "GN_KINDIA"))["key"])
    assert program.get("/api/leases?site=GN_KINDIA").status_code == 200
    Assignment.objects.get(user=cast.awa, site=cast.kindia).delete()
    assert code(program.get("/api/leases?site=GN_KINDIA")) == (403, "site_forbidden")


def test_a_key_dies_with_the_access_of_its_owner(make, cast):
    program = Program(make("awa")["key"])
    assert program.get("/api/me").status_code == 200
    cast.awa.is_active = False
    cast.awa.save()
    assert code(program.get("/api/me")) == (401, "not_authenticated")
    cast.awa.is_active = True
    cast.awa.save()
    cast.awa.groups.set([Group.objects.get(name="proprietaire")])
    assert code(program.get("/api/me")) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "spoil", [lambda key: key[:-1] + "~", lambda key: key[:-4] + "AAAA", str.upper]
)
def test_a_wrong_key_opens_nothing(make, spoil):
    assert code(Program(spoil(make()["key"])).get("/api/me")) == (401, "not_authenticated")


def test_a_key_ends_on_its_day(make, call):
    end = timezone.now() + timedelta(hours=1)
    program = Program(make(expires_at=end.isoformat())["key"])
    assert program.get("/api/me").status_code == 200
    with time_machine.travel(end + timedelta(seconds=1)):
        assert code(program.get("/api/me")) == (401, "not_authenticated")


def test_a_revoked_key_is_dead_at_once(make, call):
    made = make()
    program = Program(made["key"])
    assert program.get("/api/me").status_code == 200
    for _again in range(2):
        assert call("awa").delete(f"{KEYS}/{made['id']}").status_code == 204
    assert code(program.get("/api/me")) == (401, "not_authenticated")
    assert code(call("admin").post(f"{KEYS}/{made['id']}/rotate")) == (409, "key_revoked")


def test_an_old_secret_works_some_hours_beside_the_new_one(make, call):
    made = make()
    fresh = call("admin").post(f"{KEYS}/{made['id']}/rotate", {"overlap_hours": 2}).json()
    assert (fresh["prefix"], fresh["key"] == made["key"]) == (made["prefix"], False)
    old, new = Program(made["key"]), Program(fresh["key"])
    assert (old.get("/api/me").status_code, new.get("/api/me").status_code) == (200, 200)
    with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=1)):
        assert code(old.get("/api/me")) == (401, "not_authenticated")
        assert new.get("/api/me").status_code == 200


def test_without_an_overlap_the_old_secret_is_dead_at_once(make, call):
    made = make()
    program = Program(made["key"])
    assert program.get("/api/me").status_code == 200
    call("admin").post(f"{KEYS}/{made['id']}/rotate", {"overlap_hours": 0})
    assert code(program.get("/api/me")) == (401, "not_authenticated")


def test_a_new_secret_is_for_its_owner_alone(make, call):
    answer = call("awa").post(f"{KEYS}/{make()['id']}/rotate")
    assert code(answer) == (403, "not_yours")


def test_no_key_opens_the_keys(make, cast):
    made = make(scopes=cast.admin.rights - PERSONAL)
    program = Program(made["key"])
    for method, address in [
        ("GET", KEYS), ("POST", KEYS), ("POST", f"{KEYS}/{made['id']}/rotate"),
        ("DELETE", f"{KEYS}/{made['id']}"),
    ]:  # fmt: skip
        assert code(program.generic(method, address)) == (403, "permission_denied")
    assert code(Caller().get(KEYS)) == (401, "not_authenticated")


def test_each_key_has_a_limit_of_its_own(make, settings):
    settings.THROTTLE_USER = 3
    one, other = Program(make()["key"]), Program(make("awa")["key"])
    answers_ = [one.get("/api/me").status_code for _time in range(4)]
    assert answers_ == [200, 200, 200, 429]
    assert other.get("/api/me").status_code == 200


def test_requests_are_counted_by_day(make, call, django_assert_num_queries):
    answers._kept.clear()
    made = make(scopes=("report.view", "payment.view", "lease.view"))
    program = Program(made["key"])
    for _time in range(2):
        assert program.get("/api/dashboard/summary").status_code == 200
    with django_assert_num_queries(0):  # given again as it was sent, and counted all the same
        assert program.get("/api/dashboard/summary").status_code == 200
    note_use_of_keys()
    note_use_of_keys()
    shown = call("admin").get(f"{KEYS}/{made['id']}").json()
    assert shown["request_count"] == 3
    assert shown["last_used_at"]
    key = ApiKey.objects.get(pk=made["id"])
    assert [(day.day, day.requests) for day in key.days.all()] == [(timezone.localdate(), 3)]
    assert key.events.count() == 1  # being used is no history


def test_without_redis_a_key_works_and_is_counted(make, lost_redis):
    made = make()
    assert Program(made["key"]).get("/api/me").status_code == 200
    assert ApiKey.objects.get(pk=made["id"]).request_count == 1
