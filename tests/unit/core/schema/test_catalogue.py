"""Every schema tells an editor all about each of its properties."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra_scale.core.documents.request import read_request
from infra_scale.model.request import ScaleRequest
from support.pure import SCHEMAS, source
from support.repository import CHECKOUT

Node = dict[str, Any]

_FILES = sorted((CHECKOUT / "schemas").glob("*.schema.json"))
_IDS = {
    "cluster-snapshot": "urn:infra-scale:v1:cluster-snapshot",
    "nightly": "urn:infra-scale:v1:nightly",
    "price-sheet": "urn:infra-scale:v1:price-sheet",
    "scale-plan": "urn:infra-scale:v1:scale-plan",
    "scale-request": "urn:infra-scale:v1:scale-request",
    "target": "urn:infra-scale:v1:target",
}
"""Published: whoever has bundled a schema refers to it by this."""

_REQUEST = """\
target: prod
workloads:
  - kind: Deployment
    name: web
    hpa: {max: 12, behavior: {scaleUp: {stabilizationWindowSeconds: 0}}}
  - kind: Deployment
    name: api
    vpa: {max: {cpu: 2}}
  - kind: Deployment
    name: worker
    keda: {max: 20, triggers: [{type: kafka, metadata: {topic: jobs}, authenticationRef: {name: kafka}}]}
"""
_SPELT_OUT = """\
apiVersion: infra.scale/v1
kind: ScaleRequest
target: prod
namespace: default
autoscaling: hpa
workloads:
  - kind: Deployment
    name: web
    hpa: {min: 1, max: 12, targetCPU: 80, behavior: {scaleUp: {stabilizationWindowSeconds: 0}}}
  - kind: Deployment
    name: api
    vpa: {mode: "Off", max: {cpu: 2}, controlledResources: [cpu, memory]}
  - kind: Deployment
    name: worker
    keda:
      min: 0
      max: 20
      triggers:
        - type: kafka
          metadata: {topic: jobs}
          authenticationRef: {name: kafka, kind: TriggerAuthentication}
"""

_OF_KUBERNETES = {
    *("selectPolicy", "controlledValues", "metricType", "pollingInterval", "cooldownPeriod"),
    *("initialCooldownPeriod", "restoreToOriginalReplicaCount"),
}
"""What is not written is left out of what we render: the autoscalers' own defaults count, and the schema tells them."""


def _schema(file: object) -> Node:
    found: Node = json.loads((CHECKOUT / "schemas" / str(file)).read_text(encoding="utf-8"))
    return found


def _resolved(schema: Node, node: Node) -> Node:
    """A node with what it refers to, as an editor sees it: what stands beside the reference counts first."""
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return {**_resolved(schema, schema["$defs"][name]), **node} if name else node


def _properties(schema: Node, node: object, route: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
    """Every property at any depth, by its route in the schema."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _properties(schema, item, (*route, str(index)))
    if not isinstance(node, dict):
        return
    if isinstance(properties := node.get("properties"), dict):
        for key, value in properties.items():
            yield "/".join((*route, key)), _resolved(schema, value)
    for key, value in node.items():
        if key not in ("examples", "default", "const", "enum"):
            yield from _properties(schema, value, (*route, key))


_EVERY = [
    pytest.param(schema, node, id=f"{file.name.split('.')[0]}:{route}")
    for file in _FILES
    for schema in [_schema(file.name)]
    for route, node in _properties(schema, schema)
]


@pytest.mark.parametrize("name", _IDS)
def test_a_schema_has_its_id_its_title_and_its_sense(name: str) -> None:
    schema = _schema(f"{name}.schema.json")

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == _IDS[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert schema["description"]


def test_every_schema_has_a_published_id() -> None:
    assert {file.name.removesuffix(".schema.json") for file in _FILES} == {*_IDS}


@pytest.mark.parametrize(("schema", "node"), _EVERY)
def test_a_property_has_a_title_a_description_and_examples(schema: Node, node: Node) -> None:
    assert node["title"]
    assert node["description"]
    assert node["examples"]


@pytest.mark.parametrize(("schema", "node"), _EVERY)
def test_examples_and_defaults_are_what_the_schema_takes(schema: Node, node: Node) -> None:
    validator = Draft202012Validator({**node, "$defs": schema.get("$defs", {})})

    for value in (*node["examples"], *([node["default"]] if "default" in node else [])):
        assert [error.message for error in validator.iter_errors(value)] == []


def test_the_defaults_of_a_request_are_what_is_taken_where_nothing_is_written() -> None:
    def read(text: str) -> ScaleRequest | None:
        reading = read_request(source(text), schema=SCHEMAS.request)
        assert reading.findings == ()
        return reading.request

    schema = _schema("scale-request.schema.json")
    with_default = {route.rpartition("/")[2] for route, node in _properties(schema, schema) if "default" in node}

    assert read(_REQUEST) == read(_SPELT_OUT)
    assert {key for key in with_default if f"{key}: " not in _SPELT_OUT} == _OF_KUBERNETES
