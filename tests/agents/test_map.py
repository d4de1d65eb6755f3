"""The page of the map."""

import json
import re

import pytest

from tests.factories import make_property


def told_to(client) -> dict:
    page = client.get("/carte").content.decode()
    return json.loads(re.search(r'<script id="map-told"[^>]*>(.*?)</script>', page)[1])


def test_names_of_branches_and_quarters_are_the_ground(sign_in, cast):
    for latitude in ("9.60", "9.62"):
        make_property(site=cast.conakry, quartier="Kipé", latitude=latitude, longitude="-13.6")
    make_property(site=cast.kindia, quartier="Manquepas", latitude="10.05", longitude="-12.86")
    make_property(site=cast.conakry, quartier="Nulle part")
    told = told_to(sign_in(cast.bachir))
    assert [(name["kind"], name["name"]) for name in told["ground"]] == [("quarter", "Kipé")]
    assert float(told["ground"][0]["latitude"]) == pytest.approx(9.61)
    assert told["tiles"] == ""


def test_tiles_come_from_the_server_of_the_setting_and_nothing_else(sign_in, cast, settings):
    settings.MAP_TILES_URL = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    assert told_to(sign_in(cast.bachir))["tiles"] == settings.MAP_TILES_URL
