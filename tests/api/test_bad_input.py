"""Whatever is asked or sent, the API refuses it with a code: every address, parameter and field.

The description of the API names them, so a new one is tried as soon as it exists.
"""

import json
import uuid
from urllib.parse import quote

import pytest

from tests.api.described import description

ASKED = [
    "", "-1", "1.5", "9" * 30, "\x00", "😀", "2026-13-45", "9999-12-31", "0001-01-01", "9999-12",
    "NaN", "[]",
]  # fmt: skip
SENT = [
    None, -1, 1.5, True, [], "abc", 10**40, "\x00", "9999-12-31", "0001-01", [10**30], {"a": 1},
    "9" * 5000,
]  # fmt: skip
NO_JSON = ["", "[]", "3", "null", "{", '{"a": NaN}', b"\xff", '{"a": 1e999}']
FILES = (".csv", ".xlsx", ".pdf")


@pytest.fixture
def caller(call, ids, settings):
    """The director, who may do all, as often as he likes."""
    settings.THROTTLE_USER = settings.THROTTLE_AUTH = 10**6
    call("awa").raise_request_exception = False  # all faults are told, not the first alone
    return call("awa")


def operations(method: str):
    """Yield each described address of a method, with a name in place of each variable."""
    for path, operation in sorted(description()["paths"].items()):
        if method in operation:
            yield path, operation[method]


def named(path: str, ids: dict) -> str:
    base, _brace, rest = path.partition("/{")
    return f"{base}/{ids.get(base, 1)}{rest.partition('}')[2]}" if rest else path


def fault(caller, method: str, address: str, body="", **extra) -> str:
    """Ask, and return what is wrong with the answer: a mistake of ours, or no problem in JSON."""
    try:
        answer = caller.generic(method, address, body, **extra)
    except AssertionError as undescribed:
        return f"{method} {address} {body}: {undescribed}"
    if answer.status_code < 400:
        return ""
    if answer.status_code < 500 and answer["Content-Type"] == "application/problem+json":
        return ""
    return f"{method} {address} {body}: {answer.status_code}"


def test_no_question_breaks_us(caller, ids):
    faults = set()
    for path, operation in operations("get"):
        names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
        for turn, name in enumerate(names if not path.endswith(FILES) else ()):
            faults |= {
                fault(caller, "GET", f"{named(path, ids)}?{name}={quote(value)}")
                for value in ASKED[turn % 2 :: 2]
            }
    assert faults <= {""}


def test_no_name_breaks_us(caller):
    faults = set()
    for path, _operation in operations("get"):
        before, brace, after = path.partition("{")
        rest = after.partition("}")[2]
        for value in ASKED if brace else ():
            faults.add(fault(caller, "GET", f"{before}{quote(value, safe='')}{rest}"))
    assert faults <= {""}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_no_body_breaks_us(caller, ids, usual, method):
    faults = set()
    for path, operation in operations(method.lower()):
        bodies = [*NO_JSON, r'{"\u0000": "\ud800"}']
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            bodies += [
                json.dumps({**usual, name: value})
                for turn, name in enumerate(fields_of(content["application/json"]["schema"]))
                for value in SENT[turn % 3 :: 3]  # each is tried somewhere; all everywhere is slow
            ]
        address = named(path, ids)
        faults |= {fault(caller, method, address, body, **key()) for body in bodies}
    assert faults <= {""}


def fields_of(schema: dict) -> list[str]:
    name = schema["$ref"].rpartition("/")[2]
    return list(description()["components"]["schemas"][name]["properties"])


def key() -> dict:
    return {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
