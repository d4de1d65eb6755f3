"""Whatever the description of the API allows or forbids is asked, by everybody: each answer is one
that it foresees, and none is a mistake of ours.

Schemathesis makes the requests from the description; they go through the caller of the other tests.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from hypothesis.errors import Unsatisfiable
from requests import Request
from schemathesis import GenerationMode

from tests.api.described import description

EXAMPLES = 6
#: Each role at Conakry, the lead of another branch, and nobody.
PEOPLE = ["admin", "awa", "bachir", "coumba", "diallo", "estelle", "fode", "gassim", "hadja", ""]


@pytest.fixture
def callers(call, ids, settings):
    settings.THROTTLE_USER = settings.THROTTLE_AUTH = 10**6
    return {name: call(name) for name in PEOPLE}


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_foreseen(callers, ids, usual, mode):
    for operation in schemathesis.openapi.from_dict(description()).get_all_operations():
        explore(operation.ok(), mode, callers, ids, usual)


def explore(operation, mode, callers, ids, usual) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
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
    if isinstance(case.body, dict):
        case.body |= {name: usual[name] for name in case.body.keys() & usual.keys()}


def send(caller, case) -> None:
    said = Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in said.headers.items()
        if name not in ("Accept-Encoding", "Authorization", "Content-Length", "Content-Type")
    }
    kind = said.headers.get("Content-Type", "application/json")
    caller.generic(said.method, said.path_url, said.body or "", kind, **headers)
