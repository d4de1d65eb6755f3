"""Walks of many stops, or of several people, by PyVRP: only ever run in a process beside.

It is the state of the art of its kind and installs as a wheel; with numpy it would add 60 MB to
every web process (``akig.lib.workshop``).
"""

import numpy
import pyvrp
from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

from agents.services.routing.problem import Problem, Walker

#: When to stop looking: so many attempts after the last that helped, or so many seconds.
ATTEMPTS = 3000
SECONDS = 4.0


def solve(problem: Problem) -> list[list[int]]:
    """Return the stops of each walker, in their order."""
    found = pyvrp.solve(
        _data(problem),
        MultipleCriteria([NoImprovement(ATTEMPTS), MaxRuntime(SECONDS)]),
        collect_stats=False,
    )
    orders: list[list[int]] = [[] for _walker in problem.walkers]
    for route in found.best.routes():
        orders[route.vehicle_type()] = [step.idx for step in route if step.is_client()]
    return orders


def _data(problem: Problem) -> pyvrp.ProblemData:
    metres, seconds = (_with_anywhere(table) for table in (problem.metres, problem.seconds))
    anywhere = len(metres) - 1
    # Each walker has two depots of his own: where he starts and where he ends.
    ends = [
        anywhere if place is None else place
        for walker in problem.walkers
        for place in (walker.start, walker.end)
    ]
    # More than any walk could save by leaving a stop out.
    prize = int(metres.max()) * (len(problem.windows) + 2) + 1
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _place in metres],
        [
            pyvrp.Client(
                location=stop,
                delivery=[1],
                service_duration=service,
                tw_early=opens,
                tw_late=closes,
                prize=prize,
                required=False,
            )
            for stop, ((opens, closes), service) in enumerate(
                zip(problem.windows, problem.service, strict=True)
            )
        ],
        [pyvrp.Depot(location=place) for place in ends],
        [
            _vehicle(walker, 2 * number, problem.share)
            for number, walker in enumerate(problem.walkers)
        ],
        [metres],
        [seconds],
    )


def _with_anywhere(table) -> numpy.ndarray:
    return numpy.pad(numpy.array(table, dtype=numpy.int64), (0, 1))


def _vehicle(walker: Walker, depot: int, share: int) -> pyvrp.VehicleType:
    return pyvrp.VehicleType(
        capacity=[share],
        start_depot=depot,
        end_depot=depot + 1,
        tw_early=walker.begins,
        tw_late=walker.ends,
    )
