"""What the API says of itself (OpenAPI), held against what it answers."""

import json
import re
from functools import cache

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012


@cache
def description() -> dict:
    """Return the document, with every object closed: a field that it does not name is a fault."""
    document = json.loads(json.dumps(SchemaGenerator().get_schema(public=True), default=str))
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


@cache
def addresses() -> list[tuple[re.Pattern, str]]:
    """Return the described addresses as patterns, those without a variable first."""
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path) for path in paths]


@cache
def registry() -> Registry:
    return Registry().with_resource("urn:api", DRAFT202012.create_resource(description())).crawl()


@cache
def validator(*place: str) -> Draft202012Validator:
    """Return what checks an answer against the schema that stands at ``place`` of the document."""
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in place)
    return Draft202012Validator(
        {"$ref": f"urn:api#/{pointer}"},
        registry=registry(),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def hold(method: str, address: str, answer: HttpResponse) -> None:
    """Fail unless an answer is one that the description foresees, in status, kind and shape."""
    bare = address.partition("?")[0]
    path = next((path for pattern, path in addresses() if pattern.fullmatch(bare)), None)
    operation = description()["paths"][path].get(method.lower()) if path else None
    if operation is None:
        return
    status, where = str(answer.status_code), f"{method} {address} {answer.status_code}"
    assert status in operation["responses"], where
    content = operation["responses"][status].get("content")
    if content is None:
        assert not answer.content, where
        return
    kind = answer["Content-Type"].partition(";")[0]
    assert kind in content, f"{where}: {kind}"
    if "json" in kind:
        place = ("paths", path, method.lower(), "responses", status, "content", kind, "schema")
        found = validator(*place).iter_errors(answer.json())
        faults = [f"{fault.json_path}: {fault.message}" for fault in found]
        assert not faults, (where, faults)
