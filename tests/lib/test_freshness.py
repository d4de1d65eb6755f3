import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from akig.lib.freshness import remember, renew

CONAKRY = "site:GN_CONAKRY"
KINDIA = "site:GN_KINDIA"
NOBODY_THERE = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}


class Figure:
    """A figure that counts how often it was computed."""

    def __init__(self):
        self.computed = 0

    def __call__(self):
        self.computed += 1
        return self.computed


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.mark.django_db(transaction=True)
def test_a_figure_is_computed_once_until_its_branch_changes():
    figure = Figure()
    assert remember([CONAKRY], "collected", 60, figure) == 1
    assert remember([CONAKRY], "collected", 60, figure) == 1
    renew(KINDIA)
    assert remember([CONAKRY], "collected", 60, figure) == 1
    renew(CONAKRY)
    assert remember([CONAKRY], "collected", 60, figure) == 2


@pytest.mark.django_db(transaction=True)
def test_a_figure_of_two_branches_changes_with_either():
    figure = Figure()
    remember([CONAKRY, KINDIA], "collected", 60, figure)
    assert remember([KINDIA, CONAKRY], "collected", 60, figure) == 1
    renew(KINDIA)
    assert remember([CONAKRY, KINDIA], "collected", 60, figure) == 2


@pytest.mark.django_db(transaction=True)
def test_none_is_remembered_too():
    figure = Figure()
    remember([CONAKRY], "nothing", 60, lambda: figure() and None)
    remember([CONAKRY], "nothing", 60, lambda: figure() and None)
    assert figure.computed == 1


@pytest.mark.django_db(transaction=True)
def test_only_a_commit_renews():
    figure = Figure()
    remember([CONAKRY], "collected", 60, figure)
    with transaction.atomic():
        renew(CONAKRY)
        transaction.set_rollback(True)
    assert remember([CONAKRY], "collected", 60, figure) == 1


@pytest.mark.django_db(transaction=True)
def test_an_abandoned_savepoint_does_not_take_the_renewal_with_it():
    figure = Figure()
    remember([CONAKRY], "collected", 60, figure)
    with transaction.atomic():
        with transaction.atomic():
            renew(CONAKRY)
            transaction.set_rollback(True)
        renew(CONAKRY)
    assert remember([CONAKRY], "collected", 60, figure) == 2


@pytest.mark.django_db(transaction=True)
def test_figures_of_an_unfinished_act_are_nobody_elses():
    figure = Figure()
    with transaction.atomic():
        renew(CONAKRY)
        remember([CONAKRY], "collected", 60, figure)
        transaction.set_rollback(True)
    assert remember([CONAKRY], "collected", 60, figure) == 2


@pytest.mark.django_db(transaction=True)
@override_settings(CACHES=NOBODY_THERE)
def test_without_a_cache_everything_still_works():
    figure = Figure()
    with transaction.atomic():
        renew(CONAKRY)
    assert remember([CONAKRY], "collected", 60, figure) == 1
    assert remember([CONAKRY], "collected", 60, figure) == 2


@pytest.mark.django_db(transaction=True)
def test_a_failing_figure_fails_as_itself():
    def broken():
        raise ConnectionRefusedError("the figure's own trouble")

    with pytest.raises(ConnectionRefusedError, match="own trouble"):
        remember([CONAKRY], "broken", 60, broken)
