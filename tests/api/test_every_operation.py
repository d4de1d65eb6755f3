"""Whatever the description of the API allows or forbids is asked, by everybody: each answer is one
that it foresees, and none is a mistake of ours. So are what was made a step before and what its
links lead to: read, corrected, cancelled, by whoever comes next.

Schemathesis makes the requests from the description; they go through the caller of the other tests.
"""

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, given, settings, strategies
from hypothesis.errors import Unsatisfiable
from hypothesis.stateful import initialize
from requests import Request
from schemathesis import GenerationMode
from schemathesis.core.transport import Response

from tests.api.described import description
from tests.factories import make_unit

EXAMPLES = 4
WALKS, STEPS = 4, 8
#: Each role at Conakry, the lead of another branch, and nobody.
PEOPLE = ["admin", "awa", "bachir", "coumba", "diallo", "estelle", "fode", "gassim", "hadja", ""]
TURNS = [*PEOPLE, *["awa"] * len(PEOPLE)]  # half the time somebody who may do it
#: What is made of a file is made elsewhere.
WITH_FILES = {"/api/statements"}
QUICK = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def callers(call, ids, settings):
    settings.THROTTLE_USER = settings.THROTTLE_AUTH = 10**6
    return {name: call(name) for name in PEOPLE}


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_foreseen(callers, ids, usual, mode):
    for operation in schemathesis.openapi.from_dict(description()).get_all_operations():
        explore(operation.ok(), mode, callers, ids, usual)


def explore(operation, mode, callers, ids, usual) -> None:
    @settings(QUICK, max_examples=EXAMPLES)
    @given(
        operation.as_strategy(generation_mode=mode),
        strategies.booleans(),
        strategies.sampled_from(PEOPLE),
    )
    def ask(case, about_ours, name):
        if about_ours:
            point(case, ids, usual)
        send(callers[name], case)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # whatever is said to it is allowed


def point(case, ids, usual) -> None:
    """Let a request be about rows that there are."""
    base = case.path.partition("/{")[0]
    if base in ids:
        case.path_parameters = dict.fromkeys(case.path_parameters, str(ids[base]))
    name_usual(case, usual)


def name_usual(case, usual) -> None:
    if isinstance(case.body, dict):
        case.body |= {name: usual[name] for name in case.body.keys() & usual.keys()}


def send(caller, case) -> Response:
    said = Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in said.headers.items()
        if name not in ("Accept-Encoding", "Authorization", "Content-Length", "Content-Type")
    }
    kind = said.headers.get("Content-Type", "application/json")
    answer = caller.generic(said.method, said.path_url, said.body or "", kind, **headers)
    told = {name: [value] for name, value in answer.items()}
    return Response(answer.status_code, told, answer.content, said, elapsed=0, verify=False)


def test_what_was_made_is_met_again_by_everybody(callers, cast, ids, usual):
    schema = schemathesis.openapi.from_dict(description())
    usual |= {
        "units": [make_unit(cast.house).pk],
        "code": "GN_LABE",
        "country": "GN",
        "city": "Labé",
        "currency": "GNF",
        "scopes": ["lease.view"],
        "sites": ["GN_CONAKRY"],
    }
    addresses = made_at()
    met = set()
    for path in addresses:
        below = schema.include(path_regex=f"^{path}(/|$)")
        walk(below.as_state_machine(), callers, usual, met)
    assert {path for path in addresses if (f"POST {path}", 201) not in met} == WITH_FILES


def made_at() -> set[str]:
    """Return the addresses at which something is made that others take."""
    return {
        path
        for path, operations in description()["paths"].items()
        for answer in operations.get("post", {}).get("responses", {}).values()
        if "links" in answer
    }


def walk(machine, callers, usual, met) -> None:
    class Walk(machine):
        def setup(self):
            self.before = transaction.savepoint()

        @initialize(names=strategies.lists(strategies.sampled_from(TURNS), min_size=STEPS))
        def come(self, names):
            self.names = names

        def call(self, case, **kwargs):
            name = self.names.pop()
            if case.method == "POST" and not case.path_parameters:
                # What the others meet is made by who may make anything, of what is usual.
                name, case.body = "awa", usual
            name_usual(case, usual)
            case.query, case.headers = {}, {"Idempotency-Key": case.id}
            response = send(callers[name], case)
            met.add((case.operation.label, response.status_code))
            return response

        def validate_response(self, response, case, **kwargs):
            """The caller has held it against the description."""

        def teardown(self):
            transaction.savepoint_rollback(self.before)

    Walk.run(settings=settings(QUICK, max_examples=WALKS, stateful_step_count=STEPS))
