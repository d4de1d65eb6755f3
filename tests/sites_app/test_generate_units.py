"""Many units at once: what the pattern means, what it refuses, twice is once."""

import pytest
from django.urls import reverse

from akig.lib.errors import BusinessError
from sites_app.services.portfolio import read_pattern


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("A1..A3", ["A1", "A2", "A3"]),
        ("A1..3", ["A1", "A2", "A3"]),
        ("B09..B11", ["B09", "B10", "B11"]),
        ("1 à 3; Boutique 4", ["1", "2", "3", "Boutique 4"]),
        ("A1, a2,A1", ["A1", "a2"]),
        ("Bloc 2 - 1..2", ["Bloc 2 - 1", "Bloc 2 - 2"]),
    ],
)
def test_reads_ranges_and_single_numbers(pattern, numbers):
    assert read_pattern(pattern) == numbers


@pytest.mark.parametrize("pattern", ["", " , ", "A5..A1", "A1..B3", "A1..A9999", "A1..", "x" * 21])
def test_refuses_what_is_no_pattern(pattern):
    with pytest.raises(BusinessError) as refusal:
        read_pattern(pattern)
    assert refusal.value.code == "pattern_unreadable"


def post(client, house, pattern, **more):
    data = {"pattern": pattern, "kind": "flat", "advised_rent": "1 500 000", **more}
    return client.post(reverse("sites_app:generate_units", args=[house.pk]), data)


def test_enters_what_is_missing_and_leaves_what_stands(client, cast):
    client.force_login(cast.bachir)
    assert cast.unit.number == "A1"
    preview = client.get(
        reverse("sites_app:preview_units", args=[cast.house.pk]), {"pattern": "A1..A3"}
    )
    assert preview.context["missing"] == ["A2", "A3"]
    assert preview.context["standing"] == ["A1"]
    assert post(client, cast.house, "A1..A3").status_code == 302
    assert post(client, cast.house, "A1..A3").status_code == 302
    units = cast.house.units.order_by("number")
    assert [(unit.number, unit.advised_rent) for unit in units] == [
        ("A1", None),
        ("A2", 1_500_000),
        ("A3", 1_500_000),
    ]


def test_a_refused_pattern_writes_nothing_and_keeps_what_was_typed(client, cast):
    client.force_login(cast.bachir)
    answer = post(client, cast.house, "A9..A1")
    assert answer.status_code == 400
    assert "pattern" in answer.context["form"].errors
    assert answer.context["form"]["pattern"].value() == "A9..A1"
    assert not cast.house.units.exists()


def test_an_amount_in_words_writes_nothing(client, cast):
    client.force_login(cast.bachir)
    assert post(client, cast.house, "A1..A3", advised_rent="beaucoup").status_code == 400
    assert not cast.house.units.exists()
