"""Names that are written as text exist, and are written once."""

import importlib
import pkgutil
from collections import Counter

from django.apps import apps

from accounts import roles
from accounts.act_words import ACTS
from accounts.verbs import VERBS


def load_services():
    for config in apps.get_app_configs():
        package = f"{config.name}.services"
        if importlib.util.find_spec(package) is None:
            continue
        services = importlib.import_module(package)
        for module in pkgutil.iter_modules(getattr(services, "__path__", [])):
            importlib.import_module(f"{package}.{module.name}")


def test_every_act_asks_for_a_right_that_exists():
    load_services()
    assert VERBS
    unknown = {name: right for name, right in VERBS.items() if right not in roles.PERMISSIONS}
    assert unknown == {}


#: What is on record as an act without being one.
OTHER = {"accounts.correct_profile", "akig.seed_demo", "sites_app.seed_sites"}


def test_every_act_has_its_words():
    load_services()
    importlib.import_module("akig.urls")  # whatever acts stand outside of services
    assert set(ACTS) == set(VERBS) | OTHER


def test_every_act_has_a_name_of_its_own():
    load_services()
    names = Counter(name.split(".")[1] for name in VERBS)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_right_of_a_role_exists():
    for role, codes in roles.ROLES.items():
        assert set(codes.split()) <= set(roles.PERMISSIONS), role


def test_a_right_stands_once_in_a_role():
    for role, codes in roles.ROLES.items():
        twice = [code for code, times in Counter(codes.split()).items() if times > 1]
        assert twice == [], role
