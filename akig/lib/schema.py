"""How the OpenAPI document is written: what every operation can answer, said once."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema

from akig.lib.problems import PROBLEM

STRING = {"type": "string"}
ERROR = {
    "type": "object",
    "required": ["field", "code", "detail"],
    "properties": {"field": STRING, "code": STRING, "detail": STRING},
}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": STRING,
        "status": {"type": "integer"},
        "code": STRING,
        "detail": STRING,
        "errors": {"type": "array", "items": ERROR},
        "current": {"type": "object", "description": "With version_conflict: what stands."},
        "yours": {"type": "object", "description": "With version_conflict: what was sent."},
    },
}
MEANINGS = {
    "400": "Malformed or not valid: validation_error.",
    "401": "Nobody is signed in: not_authenticated, token_expired, otp_required, otp_invalid.",
    "403": "Known, but not allowed: permission_denied, site_forbidden.",
    "404": "Not there, no such page, or not for the caller's eyes: not_found.",
    "409": "Not possible as things stand: version_conflict, reference_conflict, period_closed …",
    "413": "Too large.",
    "415": "Not application/json.",
    "422": "The idempotency key came before with another body: idempotency_key_reused.",
    "429": "Too many requests: throttled, with Retry-After.",
    "500": "Our mistake: server_error.",
}
COUNTED = {
    "X-RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Requests a minute."},
    "X-RateLimit-Remaining": {"schema": {"type": "integer"}},
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
ETAG = {"ETag": {"schema": STRING, "description": "The version, in quotes."}}
SITE = [
    {
        "name": "X-Site-ID",
        "in": "header",
        "required": False,
        "description": "Narrows the request to one branch (GN_CONAKRY).",
        "schema": STRING,
    },
    {
        "name": "site",
        "in": "query",
        "required": False,
        "description": "Narrows the request to one branch, as X-Site-ID does.",
        "schema": STRING,
    },
]
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The version that the correction starts from; another one answers 409.",
    "schema": STRING,
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 printable characters; the same key and body give the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
#: Addresses that are no views of the framework: the operations by method, what they are for, what
#: they answer, and the statuses of their problems.
PLAIN = {
    "/api/health": ({"get": "health"}, "Alive? Touches no database.", {"200": "Alive."}, ()),
    "/api/ready": (
        {"get": "ready"},
        "Is every part there that a request needs?",
        {"200": "Ready.", "503": "What failed stands in the answer."},
        (),
    ),
    "/api/mobile-money/callback/{provider}": (
        {"post": "call_back", "put": "call_back_by_put"},
        "A provider's call back: kept as it came, and only a reason to ask the provider.",
        {"200": "Kept."},
        ("400", "404", "413"),
    ),
}


class Described(AutoSchema):
    """Adds what the framework does not know: problems, limits, narrowing and versions.

    Views tell by attributes: ``narrowed`` (to a branch), ``versioned`` (answers ``ETag``). What
    answers a request tells by ``keyed`` that it takes idempotency keys.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> dict | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        names_one = "{" in self.path
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower())
        keyed = getattr(handler, "keyed", False)
        parameters = operation.setdefault("parameters", [])
        if getattr(self.view, "narrowed", False):
            parameters += SITE
        if self.method == "PATCH":
            parameters.append(IF_MATCH)
        if keyed:
            parameters.append(IDEMPOTENCY_KEY)
        for status in self._refusals(names_one, keyed):
            operation["responses"].setdefault(status, _problem(status))
        for status, response in operation["responses"].items():
            response["headers"] = response.get("headers", {}) | COUNTED
            if status == "429":
                response["headers"] |= RETRY_AFTER
            if status in ("200", "201") and getattr(self.view, "versioned", False):
                response["headers"] |= ETAG if names_one or status == "201" else {}
        return operation

    def _refusals(self, names_one: bool, keyed: bool) -> list[str]:
        statuses = ["400", "401", "429", "500"]
        if self.view.permission_classes:
            statuses.append("403")
        if names_one or (self.method == "GET" and self.view.pagination_class):
            statuses.append("404")
        if self.method in ("POST", "PATCH"):
            statuses += ["409", "413", "415"]
        if keyed:
            statuses.append("422")
        return statuses


def _problem(status: str) -> dict:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": MEANINGS[status], "content": {PROBLEM: {"schema": schema}}}


def add_common(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Add the shape of problems, and the addresses that are no views of the framework."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    for path, (operations, summary, answers, refusals) in PLAIN.items():
        result["paths"][path] = {
            method: {
                "operationId": name,
                "summary": summary,
                "tags": [path.split("/")[2]],
                "security": [{}],
                "parameters": [_variable(name) for name in re.findall(r"{(\w+)}", path)],
                "responses": {
                    **{status: _plain(meaning) for status, meaning in answers.items()},
                    **{status: _problem(status) for status in refusals},
                },
            }
            for method, name in operations.items()
        }
    return result


def _variable(name: str) -> dict:
    return {"name": name, "in": "path", "required": True, "schema": STRING}


def _plain(meaning: str) -> dict:
    return {
        "description": meaning,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }


def add_links(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Lead from what a POST makes to the operations that take its id: the addresses below its own.

    ``/api/tenants`` answers ``id``, which ``/api/tenants/{id}`` and ``/api/tenants/{id}/statement``
    ask for.
    """
    schemas = result["components"]["schemas"]
    for path, operations in result["paths"].items():
        below = re.compile(re.escape(path) + r"/{(\w+)}[^{]*")
        for status, answer in operations.get("post", {}).get("responses", {}).items():
            content = answer.get("content", {}).get("application/json", {})
            named = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            told = schemas.get(named, {}).get("properties", {})
            links = {
                operation["operationId"]: {
                    "operationId": operation["operationId"],
                    "parameters": {found[1]: f"$response.body#/{found[1]}"},
                }
                for other, them in result["paths"].items()
                if (found := below.fullmatch(other)) and found[1] in told
                for operation in them.values()
            }
            if links and status.startswith("2"):
                answer["links"] = links
    return result
