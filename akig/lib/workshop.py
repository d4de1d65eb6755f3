"""Work that needs large libraries, done in a process beside.

Laying out pages, writing workbooks and planning walks takes libraries of 100 MB, which every web
process would carry for the few requests that need them. They are loaded by a process of their own
(``akig.lib.workbench``), started by whoever first needs it and ended when it has been idle. The
caller waits a bounded time; Redis and the workers have no part in it, so a receipt is printed
whatever else is away.
"""

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from akig.lib.errors import BusinessError
from akig.lib.workbench import Unfit

ROOT = Path(__file__).resolve().parent.parent.parent
#: How long a request waits for its paper, in seconds.
PATIENCE = 20
#: Processes beside one of ours, at most.
PLACES = 2


class Busy(BusinessError):
    """The work was not done in time; later it may be. ``wait`` says in how many seconds."""

    code = "busy"
    status = 503
    wait = 10
    message = _("This could not be done in time. Please try again in a moment.")


class Broken(Exception):
    """The process beside ended over its work: a defect, told in its own words in the log."""


class Bench:
    """One process beside, and the connection to it."""

    def __init__(self):
        self.door, theirs = Pipe()
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "akig.lib.workbench", str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C is ours to answer; it ends when we do
        )
        theirs.close()

    def do(self, work: str, values: tuple, deadline: float) -> Any:
        """Return the answer. Raises Busy after the deadline, OSError or EOFError when it ended."""
        self.door.send((work, values))
        if not self.door.poll(max(0, deadline - time.monotonic())):
            raise Busy
        return self.door.recv()

    def end(self) -> None:
        self.door.close()
        self.process.kill()
        self.process.wait()


_free: list[Bench] = []
_places = threading.BoundedSemaphore(PLACES)
# What a forked worker inherited is its parent's.
os.register_at_fork(after_in_child=_free.clear)


def do(work: str, *values: Any, seconds: float | None = None) -> Any:
    """Return what the function ``work`` (``"module:name"``) makes of ``values``, done beside.

    Both ways everything is pickled: plain values only. Raises Unfit as the work did, and Busy
    when there is no answer after ``seconds`` (PATIENCE unless given).
    """
    seconds = PATIENCE if seconds is None else seconds
    deadline = time.monotonic() + seconds
    if not _places.acquire(timeout=seconds):
        raise Busy
    try:
        answer = _do(work, values, deadline)
    finally:
        _places.release()
    if isinstance(answer, Unfit):
        raise answer
    return answer


def do_each(work: str, values: Iterable[Any], *, seconds: float) -> Iterator[Any]:
    """Give what ``work`` makes of each of ``values``, in their order, as many at once as may be.

    Values are taken as places become free, so that neither they nor the answers pile up. Raises
    what ``do`` raises, for one that takes longer than ``seconds``.
    """
    with ThreadPoolExecutor(PLACES) as hands:
        begun = deque()
        for value in values:
            begun.append(hands.submit(do, work, value, seconds=seconds))
            if len(begun) > PLACES:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _do(work: str, values: tuple, deadline: float) -> Any:
    with suppress(IndexError, OSError, EOFError):
        # One that was idle may just have ended: then a fresh one is asked.
        return _ask(_free.pop(), work, values, deadline)
    try:
        return _ask(Bench(), work, values, deadline)
    except (OSError, EOFError) as error:
        raise Broken(work) from error


def _ask(bench: Bench, work: str, values: tuple, deadline: float) -> Any:
    try:
        answer = bench.do(work, values, deadline)
    except BaseException:
        # Also a time limit of the caller: whatever it would answer later, nobody waits for it.
        bench.end()
        raise
    _free.append(bench)
    return answer
