import datetime as dt

import pytest
import time_machine

TODAY = dt.date(2026, 10, 15)


@pytest.fixture(autouse=True)
def _mid_october():
    """Let it be 15 October 2026: nothing here depends on the day on which it is run."""
    with time_machine.travel(dt.datetime(2026, 10, 15, 10, tzinfo=dt.UTC)):
        yield
