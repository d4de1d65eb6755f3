"""Work done in the process beside: answers, refusals, patience, and what happens when it ends."""

import os
import signal

import pytest

from akig.lib import workshop
from akig.lib.workbench import Unfit


def test_answers_and_keeps_the_process_for_the_next():
    first = workshop.do("os:getpid")
    assert first != os.getpid()
    assert workshop.do("os:getpid") == first


def test_asks_a_fresh_process_when_the_idle_one_has_ended():
    first = workshop.do("os:getpid")
    os.kill(first, signal.SIGKILL)
    assert workshop.do("os:getpid") != first


def test_a_refusal_of_the_work_reaches_the_caller():
    with pytest.raises(Unfit, match="damaged"):
        workshop.do("akig.lib.workbooks:read", b"PK", 10, 10)


def test_does_not_wait_for_ever():
    with pytest.raises(workshop.Busy):
        workshop.do("time:sleep", 30, seconds=0.2)
    assert workshop.do("os:getpid")


def test_a_defect_is_not_taken_for_an_answer():
    with pytest.raises(workshop.Broken):
        workshop.do("os:nothing_of_this_name")
