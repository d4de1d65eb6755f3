"""The process beside: it waits for work, does it, answers, and ends when nobody asks any more.

``akig.lib.workshop`` starts it and says what the work is. Nothing here loads the application.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection

#: Without work for so long, the process gives its memory back.
IDLE_SECONDS = 120


class Unfit(Exception):
    """What a work was given cannot be worked on; its one argument says why, as a code."""


def main(arguments: Sequence[str]) -> None:
    """Serve whoever holds the other end of the connection whose number is the one argument."""
    with Connection(int(arguments[0])) as door, suppress(EOFError, ConnectionError):
        while door.poll(IDLE_SECONDS):
            work, values = door.recv()
            door.send(do(work, values))


def do(work: str, values: tuple) -> object:
    """Return what ``module:function`` makes of ``values``, or the Unfit that it raised."""
    module, _colon, function = work.partition(":")
    try:
        return getattr(import_module(module), function)(*values)
    except Unfit as refusal:
        return refusal


if __name__ == "__main__":
    # Under its own name too, or the Unfit of this module and of the works would be two.
    import_module("akig.lib.workbench").main(sys.argv[1:])
