"""The scoreboard: from what each agent collected himself, against what was asked of him."""

from datetime import UTC, date, datetime

import pytest

from agents.metrics.board import scoreboard, since
from agents.models import GivenPoints, Target
from agents.services.results import give_points, set_target
from akig.lib.errors import BusinessError, Conflict
from payments.services.collecting import cancel_payment, record_payment
from tests.cast import make_user
from tests.factories import charge, make_lease

PAGE = "/missions/tableau"
pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def collect(cast):
    """Return a function by which somebody takes money for a rent that was due on a day."""

    def take(person, amount=500_000, *, due, on, site=None, **told):
        lease = make_lease(site=site or cast.conakry, start=date(2025, 1, 1))
        charge(lease, 500_000, due)
        return record_payment(
            actor=person, lease=lease, amount=amount, method="cash", value_date=on, **told
        )

    return take


def ask(cast, month, amount, agent=None):
    return Target.objects.create(
        site=cast.conakry, agent=agent or cast.estelle, month=month, amount=amount
    )


def test_each_is_told_by_what_he_collected_himself(call, cast, collect):
    other = make_user("Ibrahima Kanté", "agent", cast.conakry)
    collect(cast.estelle, due=date(2026, 10, 5), on=date(2026, 10, 4))
    collect(cast.estelle, due=date(2026, 10, 1), on=date(2026, 10, 11))
    collect(cast.estelle, 200_000, due=date(2026, 10, 12), on=date(2026, 10, 14))
    collect(cast.coumba, due=date(2026, 10, 5), on=date(2026, 10, 5), collected_by=other)
    collect(cast.coumba, due=date(2026, 10, 5), on=date(2026, 10, 5))
    gone = collect(other, due=date(2026, 10, 5), on=date(2026, 10, 5))
    cancel_payment(actor=cast.diallo, payment=gone, reason="Faux billets")
    ask(cast, date(2026, 9, 1), 1_500_000)
    told = call("bachir").get("/api/agents/scoreboard").json()
    assert (told["first"], told["last"]) == ("2026-10-01", "2026-10-15")
    lines = {line["name"]: line for line in told["results"]}
    mine = lines["Estelle Loua"]
    assert [mine[name] for name in ("collected", "on_time", "late", "partial", "success")] == [
        1_200_000, 1, 1, 1, 33,
    ]  # fmt: skip
    assert (mine["average_delay"], mine["achievement"], mine["grade"]) == (4, 80, "good")
    assert (mine["points"], mine["months"][0]["earned"]) == (-20, {"late": -20})
    his = lines["Ibrahima Kanté"]
    assert (his["collected"], his["target"], his["achievement"], his["grade"]) == (
        500_000, 0, None, "",
    )  # fmt: skip
    assert call("hadja").get("/api/agents/scoreboard").json()["results"] == []
    assert call("estelle").get("/api/agents/scoreboard").status_code == 403
    assert call("bachir").get("/api/agents/scoreboard?range=2m").status_code == 400


def test_a_good_month_earns_points_and_a_badge_when_it_is_over(cast, collect, mid_october):
    collect(cast.estelle, due=date(2026, 10, 5), on=date(2026, 10, 4))
    ask(cast, date(2026, 10, 1), 500_000)
    (line,) = scoreboard(["GN_CONAKRY"], since(1))
    assert (line.months[0].earned, line.badges) == ({"target": 100}, [])
    mid_october.move_to(datetime(2026, 11, 2, 10, tzinfo=UTC))
    give_points(
        actor=cast.bachir, site=cast.conakry, agent=cast.estelle, delta=-15, reason="Retard"
    )
    (line,) = scoreboard(["GN_CONAKRY"], since(2))
    assert [month.earned for month in line.months] == [
        {"target": 100, "success": 50, "no_late": 25},
        {"given": -15},
    ]
    assert (line.points, line.badges, line.total.target) == (160, ["perfect_month"], 1_000_000)


def test_five_payments_in_a_day_are_a_badge(cast, collect):
    for number in range(5):
        collect(cast.estelle, due=date(2026, 10, 5), on=date(2026, 10, 1 + number // 5))
    (line,) = scoreboard(["GN_CONAKRY"], since(1))
    assert line.badges == ["quick_collector"]


def test_a_lead_gives_points_on_record_and_none_to_himself(call, cast):
    address = f"/api/agents/{cast.estelle.pk}/score"
    answer = call("bachir").post(address, {"delta": 30, "reason": "A formé un collègue"})
    assert (answer.status_code, answer.json()["site"]) == (201, "GN_CONAKRY")
    given = GivenPoints.objects.get()
    assert (given.agent, given.delta, given.given_by) == (cast.estelle, 30, cast.bachir)
    assert given.events.get().pgh_context.metadata["verb"] == "agents.give_points"
    assert call("bachir").post(address, {"delta": 0, "reason": "Rien"}).status_code == 400
    assert call("bachir").post(address, {"delta": 5, "reason": " "}).status_code == 400
    assert call("estelle").post(address, {"delta": 5, "reason": "Moi"}).status_code == 403
    assert call("hadja").post(address, {"delta": 5, "reason": "Loin"}).status_code == 404
    with pytest.raises(Conflict) as refusal:
        give_points(actor=cast.bachir, site=cast.conakry, agent=cast.bachir, delta=5, reason="Moi")
    assert refusal.value.code == "own_points"


def test_a_target_holds_until_the_next_and_no_month_that_is_over_is_touched(cast):
    told = {"actor": cast.bachir, "site": cast.conakry, "agent": cast.estelle}
    ask(cast, date(2026, 8, 1), 400_000)
    first = set_target(**told, month=date(2026, 10, 1), amount=900_000)
    assert set_target(**told, month=date(2026, 10, 1), amount=700_000) == first
    assert first.events.count() == 2
    (line,) = scoreboard(["GN_CONAKRY"], since(4))
    asked = [month.result.target for month in line.months]
    assert asked == [0, 400_000, 400_000, 700_000]
    with pytest.raises(BusinessError) as refusal:
        set_target(**told, month=date(2026, 9, 1), amount=1)
    assert refusal.value.code == "month_over"


def test_a_lead_sets_targets_and_sees_the_board(
    sign_in, cast, collect, django_assert_max_num_queries
):
    collect(cast.estelle, due=date(2026, 10, 5), on=date(2026, 10, 4))
    held = cast.estelle.assignments.get().pk
    door = sign_in(cast.bachir)
    said = {"month": "2026-10", "amount": "1 000 000"}
    assert door.post(f"/missions/objectif/{held}", said)["Location"] == PAGE
    assert door.post(f"/missions/objectif/{held}", {**said, "month": "2026-09"}).status_code == 400
    said = {"delta": "-5", "reason": "Reçu oublié"}
    assert door.post(f"/missions/points/{held}", said)["Location"] == PAGE
    with django_assert_max_num_queries(12):
        page = door.get(PAGE)
    (row,) = page.context["rows"]
    assert (row["total"].achievement, row["line"].points, len(row["line"].months)) == (50, -5, 1)
    assert len(door.get(f"{PAGE}?range=12m").context["rows"][0]["line"].months) == 12
    held_until = cast.estelle.assignments.filter(pk=held)
    held_until.update(ends_on=date(2026, 10, 14))
    assert door.get(f"/missions/objectif/{held}").status_code == 404
    assert f"/missions/objectif/{held}" not in door.get(PAGE).content.decode()
    held_until.update(ends_on=None)
    away = sign_in(cast.hadja)
    assert away.get(f"/missions/objectif/{held}").status_code == 404
    assert away.get(f"/missions/points/{held}").status_code == 404
    assert away.get(PAGE).context["rows"] == []
