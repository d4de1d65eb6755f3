"""An import through its pages: hand over, look, apply, take back."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from notifications.models import Job
from sites_app.models import ImportRun, Owner
from sites_app.services import importing

pytestmark = pytest.mark.django_db
OWNERS = "Mandant;Tél.;Taux (%)\nAwa Sow;622 11 00 01;10\n;622110002;10\n".encode()
PEOPLE = "Nom;Téléphone\nAwa Sow;622 11 00 01\n".encode()


@pytest.fixture
def door(client, cast):
    assert cast.conakry
    client.force_login(cast.bachir)
    return client


def hand_over(client, *files) -> ImportRun:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post(reverse("imports:begin"), {"files": uploads})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return ImportRun.objects.latest("pk")


def test_nothing_is_written_before_it_is_applied(door):
    run = hand_over(door, ("x.csv", OWNERS))
    assert (run.state, run.created, run.refused) == ("previewed", 1, 1)
    assert not Owner.objects.exists()
    page = door.get(reverse("imports:import_run", args=[run.pk]))
    assert page.status_code == 200
    assert "x.csv" in page.content.decode()


def test_applied_twice_it_is_brought_in_once(door):
    run = hand_over(door, ("x.csv", OWNERS))
    for _time in range(2):
        door.post(reverse("imports:apply_run", args=[run.pk]))
    assert Owner.objects.get().name == "Awa Sow"
    run.refresh_from_db()
    assert run.state == "applied"


def test_it_is_taken_back_as_a_whole(door):
    run = hand_over(door, ("x.csv", OWNERS))
    door.post(reverse("imports:apply_run", args=[run.pk]))
    door.post(reverse("imports:undo_run", args=[run.pk]))
    assert not Owner.objects.exists()
    run.refresh_from_db()
    assert run.state == "undone"


def test_a_table_that_could_be_two_things_is_asked_for(door):
    run = hand_over(door, ("people.csv", PEOPLE))
    assert run.files[0]["error"]["code"] == "several_kinds"
    address = f"{reverse('imports:columns', args=[run.pk])}?table=people.csv&kind=owners"
    assert door.get(address).status_code == 200
    chosen = {"kind": "owners", "column_0": "name", "column_1": "phone"}
    door.post(address, chosen)
    run.refresh_from_db()
    assert (run.state, run.created, run.files[0]["kind"]) == ("previewed", 1, "owners")


def test_columns_that_say_too_little_are_refused(door):
    run = hand_over(door, ("people.csv", PEOPLE))
    address = f"{reverse('imports:columns', args=[run.pk])}?table=people.csv&kind=owners"
    answer = door.post(address, {"kind": "owners", "column_0": "", "column_1": "phone"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 whatever", "not_a_table"),
        (b"\x00\x01\x02\x03" * 100, "not_a_table"),
        (b"   \n\n", "empty_file"),
        (b"just a sentence", "no_headings"),
        (b"PK\x03\x04 broken", "not_a_table"),
    ],
)
def test_what_is_no_table_gets_a_clear_word(door, content, code):
    run = hand_over(door, ("x.csv", content), ("good.csv", OWNERS))
    errors = {file["file"]: file.get("error", {}).get("code") for file in run.files}
    assert errors == {"x.csv": code, "good.csv": None}
    assert door.get(reverse("imports:import_run", args=[run.pk])).status_code == 200


def test_a_file_too_large_is_refused(door, settings):
    settings.IMPORT_MAX_MEGABYTES = 0
    upload = SimpleUploadedFile("x.csv", OWNERS)
    answer = door.post(reverse("imports:begin"), {"files": [upload]})
    assert answer.status_code == 400
    assert not ImportRun.objects.exists()


def test_a_large_import_is_a_job_with_progress(door, monkeypatch):
    monkeypatch.setattr(importing, "SMALL_BYTES", 1)
    run = hand_over(door, ("x.csv", OWNERS))
    run.refresh_from_db()
    assert run.job.kind == "sites_app.preview_import"
    assert Job.objects.get().state == "done"
    assert run.state == "previewed"


def test_refused_rows_are_handed_out_harmless(door):
    run = hand_over(door, ("x.csv", OWNERS + b"=cmd|' /C calc'!A0;622110003;999\n"))
    answer = door.get(reverse("imports:refused_rows", args=[run.pk]))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert any(line.startswith("x.csv;3;") for line in lines)
    assert not any(";=cmd" in line for line in lines)


def test_everything_is_handed_out_in_the_same_format(door):
    run = hand_over(door, ("x.csv", OWNERS))
    door.post(reverse("imports:apply_run", args=[run.pk]))
    answer = door.get(reverse("imports:export"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        content = archive.read("proprietaires.csv")
    again = hand_over(door, ("other name.csv", content))
    assert (again.created, again.existing) == (0, 1)


def test_another_branch_sees_nothing_of_it(door, client, cast):
    run = hand_over(door, ("x.csv", OWNERS))
    client.force_login(cast.hadja)
    for name in ("import_run", "refused_rows", "columns"):
        assert client.get(reverse(f"imports:{name}", args=[run.pk])).status_code == 404
    assert client.post(reverse("imports:apply_run", args=[run.pk])).status_code == 404


def test_who_may_not_import_is_told_so(client, cast):
    client.force_login(cast.gassim)
    assert client.get(reverse("imports:import_list")).status_code == 403
    assert client.get(reverse("imports:export")).status_code == 403
