"""GitHub's own description of its REST API, as a judge of our requests.

GraphQL has a description of its own and is not looked at.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from support.repository import CHECKOUT

_FILE = CHECKOUT / ".venv/servers/node_modules/@octokit/openapi/generated/api.github.com.json"
_WITH_SLASHES = ("ref", "path", "basehead", "branch")
"""Path parameters that may hold slashes; every other one ends at the next."""

# GitHub takes both, and PyGithub sends both: a size of the page where there are no pages, and labels as a bare list.
_ACCEPTED = re.compile(
    r"GET .*/git/matching-refs/.*: unknown query parameter per_page"
    r"|POST .*/issues/\d+/labels: body: \['[^']*'\] is not valid under any of the given schemas"
)

_URI = "urn:api.github.com"


class _Operation(NamedTuple):
    pattern: re.Pattern[str]
    method: str
    said: dict[str, Any]


class Description:
    """The description, and what it says about a request."""

    def __init__(self) -> None:
        self._whole = json.loads(_FILE.read_text(encoding="utf-8"))
        self._registry: Registry[Any] = Registry().with_resource(_URI, DRAFT4.create_resource(self._whole))
        self._operations = sorted(_operations(self._whole), key=lambda operation: operation.pattern.groups)

    def violations(self, method: str, url: str, body: bytes) -> list[str]:
        """What is wrong with a request; an unknown one is wrong as a whole."""
        return [found for found in self._violations(method, url, body) if not _ACCEPTED.fullmatch(found)]

    def answer_violations(self, url: str, answer: object) -> list[str]:
        """What is wrong with the body of a successful answer to GET."""
        path = unquote(urlsplit(url).path)
        matching = [one for one in self._operations if one.method == "GET" and one.pattern.fullmatch(path)]
        operation = max(matching, key=lambda one: len(one.pattern.pattern))  # branches/{branch} takes slashes as well
        said = self._resolved(operation.said["responses"]["200"])
        return [*self._of_schema(answer, said["content"]["application/json"]["schema"], f"the answer to {path}")]

    def _violations(self, method: str, url: str, body: bytes) -> list[str]:
        split = urlsplit(url)
        path = unquote(split.path)
        for operation in self._operations:
            if operation.method == method and operation.pattern.fullmatch(path):
                found = (*self._of_query(operation, split.query), *self._of_body(operation, body))
                return [f"{method} {path}: {violation}" for violation in found]
        return [f"{method} {path}: GitHub has no such operation"]

    def _of_query(self, operation: _Operation, query: str) -> Iterator[str]:
        parameters = [self._resolved(parameter) for parameter in operation.said.get("parameters", ())]
        known = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
        for name, text in parse_qsl(query, keep_blank_values=True):
            if name not in known:
                yield f"unknown query parameter {name}"
                continue
            schema = known[name]["schema"]
            value = int(text) if schema.get("type") == "integer" and text.isdecimal() else text
            yield from self._of_schema(value, schema, name)

    def _of_body(self, operation: _Operation, body: bytes) -> Iterator[str]:
        described = self._resolved(operation.said.get("requestBody", {}))
        if body and not described:
            yield "a body where none belongs"
        if not body and described.get("required"):
            yield "no body"
        if body and described:
            yield from self._of_schema(json.loads(body), described["content"]["application/json"]["schema"], "body")

    def _of_schema(self, value: object, schema: dict[str, Any], what: str) -> Iterator[str]:
        validator = OAS30Validator(_absolute(schema), registry=self._registry)
        for error in validator.iter_errors(value):
            yield f"{what}{error.json_path[1:]}: {error.message[:200]}"
        unknown = value.keys() - schema["properties"].keys() if isinstance(value, dict) and _is_plain(schema) else ()
        yield from (f"{what}: unknown key {name}" for name in sorted(unknown))

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self._whole
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node


@cache
def description() -> Description:
    """Read once in each test process."""
    return Description()


def _operations(whole: dict[str, Any]) -> Iterator[_Operation]:
    for template, methods in whole["paths"].items():
        pattern = re.compile("".join(_part(part) for part in re.split(r"(\{[a-z_-]+\})", template)))
        for method, said in methods.items():
            yield _Operation(pattern, method.upper(), said)


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "(.+)" if part[1:-1] in _WITH_SLASHES else "([^/]+)"


def _is_plain(schema: dict[str, Any]) -> bool:
    return "properties" in schema and not schema.get("additionalProperties")


def _absolute(node: Any) -> Any:  # noqa: ANN401 (JSON)
    """A part of the description, with references that can be followed from anywhere."""
    if isinstance(node, dict):
        return {key: f"{_URI}{value}" if key == "$ref" else _absolute(value) for key, value in node.items()}
    return [_absolute(item) for item in node] if isinstance(node, list) else node
