import datetime as dt

import pytest

from payments.providers.simulator import Simulator
from payments.services.checking import differences

TODAY = dt.date(2026, 10, 15)


@pytest.fixture(autouse=True)
def _mid_october(mid_october):
    """Let it be 15 October 2026: nothing here depends on the day on which it is run."""


@pytest.fixture
def books(db):
    """Compare the books with themselves when the test is over."""
    yield
    assert differences() == []


@pytest.fixture
def simulator():
    """The four providers over real HTTP; calls back are kept in ``sent``, for the test to carry."""
    with Simulator(held=True) as simulator:
        yield simulator
