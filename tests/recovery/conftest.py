import datetime as dt

import pytest

TODAY = dt.date(2026, 10, 15)


@pytest.fixture(autouse=True)
def _mid_october(mid_october):
    """Let it be 15 October 2026: nothing here depends on the day on which it is run."""
