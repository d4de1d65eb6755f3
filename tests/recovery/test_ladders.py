"""The ladder of a branch: dated, set on a page, with words that can be filled in."""

from datetime import date, time

import pytest
import time_machine

from akig.lib.errors import BusinessError, Conflict
from recovery.models import Case, Ladder, Level
from recovery.services.cases import refresh_cases
from recovery.services.ladders import LadderRefused, Step, ladder_of, set_ladder, steps_of
from tests.factories import charge
from tests.recovery.conftest import TODAY

CALL = Step(name="Appel", after_days=2, channel="call", texts={"fr": "Bonjour {name}"})
LETTER = Step(name="Courrier", after_days=1, channel="letter", least=5_000)


def asked(cast, **changes) -> Ladder:
    fields = {
        "valid_from": TODAY,
        "day_starts": time(9),
        "day_ends": time(17),
        "contacts_per_week": 2,
        "steps": [CALL, LETTER],
    }
    return set_ladder(actor=cast.awa, site=cast.conakry, **(fields | changes))


def test_a_ladder_holds_from_its_day_in_the_order_of_its_days(cast):
    refresh_cases(actor=cast.awa, site=cast.conakry)
    usual = ladder_of(cast.conakry)
    later = asked(cast, valid_from=date(2026, 11, 1))
    assert ladder_of(cast.conakry) == usual
    assert ladder_of(cast.conakry, date(2026, 11, 1)) == later
    assert steps_of(later) == [LETTER, CALL]


def test_cases_go_on_by_the_new_ladder(cast):
    charge(cast.lease, 1_000, date(2026, 10, 1))
    asked(cast)
    refresh_cases(actor=cast.awa, site=cast.conakry)
    assert Case.objects.get().next_level.name == "Appel"  # a letter is for larger debts
    with time_machine.travel("2026-10-16 10:00:00+00:00"):
        charge(cast.lease, 4_000, date(2026, 10, 2))
        assert Case.objects.get().next_level.name == "Courrier"


def test_refuses_ladders_that_cannot_be(cast):
    for wrong, error in (
        ({"valid_from": date(2026, 10, 14)}, LadderRefused),
        ({"steps": []}, LadderRefused),
        ({"day_ends": time(8)}, Conflict),
        (
            {"steps": [Step(name="x", after_days=1, channel="sms", texts={"ff": "{nobody}"})]},
            BusinessError,
        ),
    ):
        with pytest.raises(error):
            asked(cast, **wrong)
    asked(cast)
    with pytest.raises(Conflict):
        asked(cast)


def test_a_ladder_is_set_on_the_page_of_its_branch(cast, sign_in):
    door = sign_in(cast.awa)
    address = "/agences/GN_CONAKRY/echelle"
    form = door.get(address).context["form"]
    told = {
        "valid_from": "2026-10-20",
        "day_starts": "08:30",
        "day_ends": "18:00",
        "contacts_per_week": "2",
    }
    for row in form.steps:
        for field in row:
            told[field.html_name] = field.value() or ""
    for field in form.steps.management_form:
        told[field.html_name] = field.value()
    told["steps-0-name"] = "Petit rappel"
    assert door.post(address, told).status_code == 302
    ladder = Ladder.objects.get(valid_from=date(2026, 10, 20))
    assert ladder.levels.get(position=1).name == "Petit rappel"
    assert Level.objects.filter(ladder=ladder).count() == len(form.steps) - 2
    assert door.post(address, told).status_code == 409


def test_a_page_tells_of_the_hours_of_its_own_branch(cast, sign_in):
    for lease in (cast.lease, cast.far_lease):
        refresh_cases(actor=cast.awa, site=lease.site)
        charge(lease, 1_000, date(2026, 10, 1))
    Ladder.objects.filter(site=cast.kindia).update(day_starts=time(14))
    door = sign_in(cast.awa)
    for case in Case.objects.all():
        quiet = {
            ladder.site_id
            for ladder in door.get(f"/recouvrement/dossiers/{case.pk}/appel").context["quiet"]
        }
        assert quiet == ({"GN_KINDIA"} & {case.site_id})
    assert len(door.get("/recouvrement/").context["quiet"]) == 1
