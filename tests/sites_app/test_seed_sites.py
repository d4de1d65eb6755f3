"""The six branches come once, and what they hold is mended and not overwritten."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from sites_app.models import Holiday, Site

pytestmark = pytest.mark.django_db


def seed() -> None:
    call_command("seed_sites", stdout=StringIO())


def test_there_are_six_and_a_second_time_changes_nothing():
    assert not Site.objects.exists()
    seed()
    assert Site.objects.count() == 6
    before = list(Holiday.objects.order_by("pk").values()), list(Site.objects.values())
    events = Holiday.pgh_event_model.objects.count()
    seed()
    assert (list(Holiday.objects.order_by("pk").values()), list(Site.objects.values())) == before
    assert Holiday.pgh_event_model.objects.count() == events


def test_names_with_a_straight_apostrophe_are_mended_and_those_of_people_stay():
    seed()
    days = Holiday.objects.filter(country="GN")
    days.filter(day=date(2026, 1, 1)).update(name="Jour de l'an")
    days.filter(day=date(2026, 10, 2)).update(name="Fête nationale")
    seed()
    assert days.get(day=date(2026, 1, 1)).name == "Jour de l’an"
    assert days.get(day=date(2026, 10, 2)).name == "Fête nationale"
