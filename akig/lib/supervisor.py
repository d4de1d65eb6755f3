"""Several processes run as one: started together, restarted when they fall, stopped together."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.2
EARLY_SECONDS = 5
PATIENCE = (8, 2, 1)  # seconds after each of: please stop, stop now, killed
PR_SET_PDEATHSIG = 1


class Make:
    """The make that started us, which does not pass on every way of stopping it.

    Killed outright it cannot. A SIGINT sent to it alone it keeps to itself and waits for us; all
    that can be seen is that it no longer catches the signal.
    """

    def __init__(self):
        self.pid = os.getppid()
        self.catches_interrupts = self._catches_interrupts()

    def wants_an_end(self) -> bool:
        return os.getppid() != self.pid or (
            self.catches_interrupts and not self._catches_interrupts()
        )

    def _catches_interrupts(self) -> bool:
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("SigCgt:"):
                    return bool(int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1)
        return False


@dataclass
class Supervisor:
    """Keep ``commands`` (name to words) running until Ctrl-C, SIGTERM, or our parent's death."""

    commands: dict[str, list[str]]
    environment: dict[str, str]
    children: dict[str, subprocess.Popen] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    stopping: bool = False

    def run(self, announced: Callable[[], bool]) -> int:
        """Start everything and watch it; return the exit code.

        ``announced`` is called at each look until it says that it has nothing more to say.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        make = Make() if "MAKELEVEL" in os.environ else None
        failed = said = False
        try:
            for name in self.commands:
                self._start(name)
            while not self.stopping and not failed:
                time.sleep(LOOK_SECONDS)
                self.stopping |= make is not None and make.wants_an_end()
                failed = any(self._ended_early(name) for name in self.commands)
                said = said or announced()
        finally:
            self._end()
        return int(failed)

    def _stop(self, *_signal) -> None:
        self.stopping = True

    def _start(self, name: str) -> None:
        self.started[name] = time.monotonic()
        self.children[name] = subprocess.Popen(  # noqa: S603 - our own commands
            self.commands[name],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            # Its own session: Ctrl-C reaches us alone, and we decide the order.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def _ended_early(self, name: str) -> bool:
        """Start ``name`` again if it fell; say so instead when it fell right after its start."""
        code = self.children[name].poll()
        if code is None or self.stopping:
            return False
        if time.monotonic() - self.started[name] < EARLY_SECONDS:
            logger.error("%s ended at once (code %s); stopping everything.", name, code)
            return True
        logger.warning("%s ended (code %s) and is started again.", name, code)
        self._start(name)
        return False

    def _end(self) -> None:
        """Ask, insist (a worker then leaves its job to the next start), kill."""
        for number, seconds in zip(
            (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL), PATIENCE, strict=True
        ):
            alive = [child for child in self.children.values() if child.poll() is None]
            for child in alive:
                if number == signal.SIGKILL:
                    os.killpg(child.pid, number)
                else:
                    child.send_signal(number)
            deadline = time.monotonic() + seconds
            while alive and time.monotonic() < deadline:
                time.sleep(0.05)
                alive = [child for child in alive if child.poll() is None]


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
