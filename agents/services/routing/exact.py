"""The best walk of one person through a few stops, found by looking at all there is to look at.

Of all ways that visit the same stops and end at the same one, only those are followed that no
other beats in both metres and time (Held and Karp, with time windows).
"""

from agents.services.routing.problem import Problem

#: The most stops that are walked through in a moment.
MOST = 9
Way = tuple[int, int, tuple[int, ...]]  # metres, the second of the day, the stops


def best_order(problem: Problem) -> list[int]:
    """Return the stops of the best walk of the one walker, in their order."""
    (walker,) = problem.walkers
    best: tuple[int, ...] = ()
    ways: dict[tuple[int, int | None], list[Way]] = {(0, walker.start): [(0, walker.begins, ())]}
    while ways:
        ways = _one_stop_further(problem, ways)
        ended = []
        for (_seen, place), fronts in ways.items():
            metres, seconds = problem.leg(place, walker.end)
            ended += [
                (so_far + metres, at + seconds, order)
                for so_far, at, order in fronts
                if at + seconds <= walker.ends
            ]
        if ended:
            best = min(ended)[2]
    return list(best)


def _one_stop_further(problem, ways):
    further: dict[tuple[int, int | None], list[Way]] = {}
    for (seen, place), fronts in ways.items():
        for stop in range(len(problem.windows)):
            if seen >> stop & 1:
                continue
            for metres, at, order in fronts:
                visit = problem.visit(place, at, stop)
                if visit is not None:
                    way = (metres + visit.metres, visit.leaves, (*order, stop))
                    _keep(further.setdefault((seen | 1 << stop, stop), []), way)
    return further


def _keep(fronts: list[Way], way: Way) -> None:
    if any(known[0] <= way[0] and known[1] <= way[1] for known in fronts):
        return
    fronts[:] = [known for known in fronts if known[0] < way[0] or known[1] < way[1]]
    fronts.append(way)
