"""Verdicts count with what the other requests change, and a refused request changes nothing."""

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.scope import Scope
from support.pure import SCHEMAS, compile, facts, source

_WORKLOAD = """\
  - kind: Deployment
    namespace: shop
    name: {name}
    replicas: 4
    pods: {{existing: 4, scheduled: 4}}
    containers: [{{name: app, requests: {{cpu: 1}}}}]
    placement: {{n1: 4}}
"""
_SNAPSHOT = """\
metadata: {cluster: eu, capturedAt: "2026-01-01T00:00:00Z"}
nodes: [{id: n1, allocatable: {cpu: 10, memory: 64Gi, pods: 99}, requested: {cpu: 8}, pods: 8}]
namespaces: [{name: shop}]
workloads:
""" + "".join(_WORKLOAD.format(name=name) for name in ("first", "second"))

_NO = ("CAP-001", "CAP-007")
_REFUSED = "requests: {cpu: 2}, limits: {cpu: 1}, container: app, "
_BASE = "target: prod\nnamespace: shop\nworkloads:\n"


def _one(name: str, replicas: int, more: str = "") -> str:
    return f"{_BASE}  - {{kind: Deployment, name: {name}, {more}replicas: {replicas}}}\n"


def _compiled(scope: Scope | None = None, policy: str = "", **requests: str) -> Compilation:
    target = source(f"clusters: [{{name: eu}}]\n{policy}", "ops/targets/prod.yaml")
    context = Context(SCHEMAS, targets=(target,), scope=scope or Scope())
    found = [source(text, f"requests/{name}.yaml") for name, text in requests.items()]
    return compile(found, context, facts({"eu/snapshot.yaml": _SNAPSHOT}))


def _capacity(compilation: Compilation, name: str) -> set[str]:
    return {one.rule for one in compilation.findings if one.path == f"requests/{name}.yaml" and one.rule in _NO}


_UNREADABLE = _one("first", 0).replace("workloads:", "colour: red\nworkloads:")
_COLLIDING = _one("first", 0).replace("replicas: 0", "replicas: 0}\n  - {kind: Deployment, name: first, replicas: 0")


def test_what_a_valid_request_frees_serves_another() -> None:
    assert _capacity(_compiled(a=_one("first", 0), b=_one("second", 8)), "b") == set()


@pytest.mark.parametrize("refused", [_one("first", 0, _REFUSED), _UNREADABLE, _COLLIDING])
@pytest.mark.parametrize("scope", [None, Scope(paths=("requests/b.yaml",))])
def test_what_a_refused_request_would_free_serves_no_other(refused: str, scope: Scope | None) -> None:
    assert _capacity(_compiled(scope, a=refused, b=_one("second", 8)), "b") == {"CAP-001"}


@pytest.mark.parametrize("refused", [_one("first", 6, _REFUSED), _UNREADABLE.replace("replicas: 0", "replicas: 6")])
def test_what_a_refused_request_would_need_is_left_for_others(refused: str) -> None:
    assert _capacity(_compiled(a=_one("first", 6), b=_one("second", 6)), "b") == {"CAP-007"}
    assert _capacity(_compiled(a=refused, b=_one("second", 6)), "b") == set()


def test_two_requests_for_one_workload_change_nothing() -> None:
    compilation = _compiled(a=_one("first", 0), b=_one("first", 1), c=_one("second", 8))

    assert _capacity(compilation, "c") == {"CAP-001"}


def test_a_request_that_a_custom_rule_refuses_changes_nothing() -> None:
    policy = (
        "policy:\n  own:\n    - {id: ACME-001, severity: error, message: never zero, "
        "when: 'actions.exists(a, has(a.to) && a.to == 0)'}\n"
    )

    assert _capacity(_compiled(policy=policy, a=_one("first", 0), b=_one("second", 8)), "b") == {"CAP-001"}


def test_a_refused_request_is_judged_as_if_it_were_accepted() -> None:
    compilation = _compiled(a=_UNREADABLE.replace("replicas: 0", "replicas: 8"), b=_one("second", 4))

    assert {"SCH-002", "CAP-001"} <= {one.rule for one in compilation.findings if one.path == "requests/a.yaml"}
