"""The best walk through a few stops and through many, with windows, for one and for several."""

import itertools
import json
import math
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from agents.services.routing.exact import best_order
from agents.services.routing.planning import Departure, Stop, plan_walks
from agents.services.routing.problem import DAY, Problem, Walker
from agents.services.routing.solving import solve
from agents.services.routing.tables import Point, haversine, table_of
from sites_app.rules import Rules

USUAL = Rules({})
#: berlin52 of TSPLIB, whose shortest round is known to be 7542 long.
BERLIN = [
    (565, 575), (25, 185), (345, 750), (945, 685), (845, 655), (880, 660), (25, 230), (525, 1000),
    (580, 1175), (650, 1130), (1605, 620), (1220, 580), (1465, 200), (1530, 5), (845, 680),
    (725, 370), (145, 665), (415, 635), (510, 875), (560, 365), (300, 465), (520, 585), (480, 415),
    (835, 625), (975, 580), (1215, 245), (1320, 315), (1250, 400), (660, 180), (410, 250),
    (420, 555), (575, 665), (1150, 1160), (700, 580), (685, 595), (685, 610), (770, 610),
    (795, 645), (720, 635), (760, 650), (475, 960), (95, 260), (875, 920), (700, 500), (555, 815),
    (830, 485), (1170, 65), (830, 610), (605, 625), (595, 360), (1340, 725), (1740, 245),
]  # fmt: skip


def flat(places, walkers, windows=None, service=0) -> Problem:
    """A problem in the plane: a metre takes a second; the last places are no stops."""
    metres = [[round(math.dist(here, there)) for there in places] for here in places]
    stops = len(windows) if windows else len(places) - 1
    return Problem(metres, metres, windows or [(0, DAY)] * stops, [service] * stops, walkers)


def by_trying_all(problem: Problem) -> tuple[int, int]:
    """Return how many stops can be visited, and in how few metres."""
    (walker,) = problem.walkers
    stops = range(len(problem.windows))
    for number in range(len(stops), 0, -1):
        tried = (problem.walk(walker, order) for order in itertools.permutations(stops, number))
        metres = [walk.metres for walk in tried if walk]
        if metres:
            return number, min(metres)
    return 0, 0


@pytest.mark.parametrize("seed", range(12))
def test_few_stops_are_walked_as_if_all_orders_had_been_tried(seed):
    dice = random.Random(seed)
    stops = 8 if seed < 2 else 6
    places = [(dice.randrange(5000), dice.randrange(5000)) for _place in range(stops + 2)]
    windows = []
    for _stop in range(stops):
        opens = dice.choice([0, 0, 2000, 6000])
        windows.append((opens, opens + dice.choice([1500, 4000, DAY])))
    ends = dice.choice([9000, DAY])
    start, end = dice.choice([(stops, stops + 1), (stops, stops), (stops, None), (None, None)])
    problem = flat(places, [Walker(start, end, 0, ends)], windows, service=300)
    (walker,) = problem.walkers
    walk = problem.walk(walker, best_order(problem))
    assert (len(walk.visits), walk.metres) == by_trying_all(problem)


def test_a_known_round_of_51_stops_is_found_within_one_per_cent():
    problem = flat([*BERLIN[1:], BERLIN[0]], [Walker(51, 51)])
    (order,) = solve(problem)
    assert sorted(order) == list(range(51))
    assert problem.walk(problem.walkers[0], order).metres <= 1.01 * 7542


def test_150_stops_on_a_circle_are_walked_around_it():
    places = [
        (9000 * math.cos(turn * math.tau / 151), 9000 * math.sin(turn * math.tau / 151))
        for turn in range(151)
    ]
    random.Random(7).shuffle(places)
    problem = flat(places, [Walker(150, 150)])
    (order,) = solve(problem)
    around = sum(sorted(row)[1] for row in problem.metres)
    assert problem.walk(problem.walkers[0], order).metres <= 1.01 * around


def test_many_stops_keep_their_windows_and_those_that_cannot_be_kept_are_left_out():
    dice = random.Random(3)
    places = [(dice.randrange(3000), dice.randrange(3000)) for _place in range(31)]
    windows = [(0, DAY)] * 20 + [(15_000, 29_000)] * 9 + [(0, 0)]
    problem = flat(places, [Walker(30, 30, 0, 30_000)], windows, service=60)
    (order,) = solve(problem)
    assert sorted(order) == list(range(29))
    assert problem.walk(problem.walkers[0], order)


def test_several_share_the_stops_evenly_each_from_a_place_of_their_own():
    dice = random.Random(5)
    left = [(dice.randrange(100), dice.randrange(100)) for _stop in range(6)]
    right = [(9000 + x, y) for x, y in left]
    problem = flat(
        [*left, *right, (9000, 0), (0, 0)], [Walker(12, 12), Walker(13, None)], [(0, DAY)] * 12
    )
    first, second = solve(problem)
    assert (sorted(first), sorted(second)) == ([6, 7, 8, 9, 10, 11], [0, 1, 2, 3, 4, 5])


def test_many_stops_are_solved_beside_and_never_longer_than_going_to_the_nearest():
    dice = random.Random(9)
    stops = [
        Stop(Point(9.5 + dice.random() / 10, -13.7 + dice.random() / 10)) for _stop in range(40)
    ]
    plan = plan_walks(stops, [Departure(Point(9.55, -13.65), Point(9.55, -13.65))], USUAL)
    assert (plan.solver, plan.source, plan.left_out) == ("pyvrp", "straight", ())
    assert 0 < plan.metres <= plan.baseline


def test_ways_are_straight_lines_and_what_roads_add():
    here, there = Point(9.509, -13.712), Point(9.641, -13.578)
    assert haversine(here, there) == pytest.approx(20_760, abs=10)
    table = table_of([here, there], Rules({"detour_percent": "50", "travel_speed": "36"}))
    assert table.metres[0][1] == table.metres[1][0] == pytest.approx(31_140, abs=15)
    assert table.seconds[0][1] == pytest.approx(3114, abs=2)
    assert table.metres[0][0] == 0


# An OSRM server


@pytest.fixture
def roads(settings):
    """A server that answers as OSRM does; ``roads["answer"]`` may be replaced."""
    told = {"asked": [], "answer": None, "status": 200}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            told["asked"].append(self.path)
            points = urlsplit(self.path).path.rpartition("/")[2].split(";")
            rows = [[abs(x - y) * 1000.4 for x in range(len(points))] for y in range(len(points))]
            answer = told["answer"] or {"code": "Ok", "distances": rows, "durations": rows}
            self.send_response(told["status"])
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.OSRM_URL = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


POINTS = [Point(9.509, -13.712), Point(9.641, -13.578), Point(9.6, -13.6)]


def test_a_server_that_knows_the_roads_is_asked_once_for_all_ways(roads):
    table = table_of(POINTS, USUAL)
    assert table.source == "osrm"
    assert table.metres == [[0, 1001, 2001], [1001, 0, 1001], [2001, 1001, 0]]
    (asked,) = roads["asked"]
    assert "/table/v1/driving/-13.712000,9.509000;-13.578000,9.641000;" in asked
    assert parse_qs(urlsplit(asked).query) == {"annotations": ["duration,distance"]}


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "NoTable"},
        {"distances": [[0, None], [1, 0]], "durations": [[0, 1], [1, 0]]},
        {"distances": [[0]], "durations": [[0]]},
        [],
    ],
)
def test_without_a_usable_answer_ways_are_straight(roads, answer):
    roads["answer"] = answer or ["nothing"]
    assert table_of(POINTS, USUAL).source == "straight"
    roads["status"] = 500
    assert table_of(POINTS, USUAL).source == "straight"
