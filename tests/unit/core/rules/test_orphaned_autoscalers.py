"""An autoscaler that the committed plan has and the new one has not: what becomes of it in the cluster (OWN-007)."""

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from infra_scale.model.scope import Scope, Shard
from infra_scale.model.source import Found
from support.pure import SCHEMAS, compile, source

_TARGET = "clusters: [{name: a}, {name: b}]\nmanifests: [apps]\n"
_WEB = """\
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, template: {spec: {containers: [{name: app, resources: {requests: {cpu: 1}}}]}}}
"""
_HPA = "hpa: {min: 3, max: 6}, handover: {from: replicas}"
_KEDA = "keda: {min: 3, max: 6, triggers: [{type: cron, metadata: {timezone: UTC}}]}, handover: {from: replicas}"
_CPU = "requests: {cpu: 1}"


def _request(workload: str, *, name: str = "web", head: str = "") -> str:
    return f"target: prod\nnamespace: shop\n{head}workloads: [{{kind: Deployment, name: {name}, {workload}}}]\n"


def _compiled(
    requests: dict[str, str], committed: Compilation | None = None, *, target: str = _TARGET, scope: Scope | None = None
) -> Compilation:
    generated: tuple[Found, ...] = ()
    if committed:
        generated = tuple(source(content, path) for path, content in committed.files.items())
    context = Context(
        SCHEMAS,
        targets=(source(target, "ops/targets/prod.yaml"),),
        manifests=(source(_WEB, "apps/web.yaml"),),
        scope=scope or Scope(),
    )
    found = [source(text, f"requests/{name}.yaml") for name, text in requests.items()]
    return compile(found, context, generated=generated)


def _lost(compilation: Compilation) -> list[Finding]:
    return [finding for finding in compilation.findings if finding.rule == "OWN-007"]


def _from_to(before: str, after: str, *, head: str = "") -> tuple[Compilation, list[Finding]]:
    committed = _compiled({"web": _request(before)})
    assert committed.is_valid
    then = _compiled({"web": _request(after, head=head)}, committed)
    return then, _lost(then)


_NEXT = {
    "nothing": (_HPA, _CPU, "a pruning engine deletes it, and `apps/web.yaml` sets 2 replicas again"),
    "a number": (_HPA, "replicas: 4", "a pruning engine deletes it, and 4 replicas are set"),
    "KEDA": (_HPA, _KEDA, "until it is deleted, two autoscalers conflict"),
    "no VPA": (f"vpa: {{mode: 'Off'}}, {_CPU}", _CPU, "new pods get the requests of the template"),
    "no KEDA": (_KEDA, "replicas: 4", "a pruning engine deletes it, and 4 replicas are set"),
}


@pytest.mark.parametrize(("before", "after", "said"), _NEXT.values(), ids=_NEXT.keys())
def test_an_autoscaler_that_is_dropped_is_said_to_leave_with_what_comes_after_it(
    before: str, after: str, said: str
) -> None:
    compilation, (finding,) = _from_to(before, after)

    assert compilation.is_valid
    assert finding.severity == "warning"
    assert said in finding.message
    assert finding.path == "requests/web.yaml"
    assert finding.position is not None
    assert "handover: {from: " in finding.help


def test_one_that_autoscaling_none_turns_off_is_dropped_too() -> None:
    _, (finding,) = _from_to(_HPA, "replicas: 4, hpa: {min: 3, max: 6}", head="autoscaling: none\n")

    assert "the HPA of Deployment/web " in finding.message


_SILENT = {
    "it stays": (_HPA, "hpa: {min: 4, max: 9}, handover: {from: replicas}"),
    "it is handed over": (_HPA, "replicas: 4, handover: {from: hpa}"),
    "KEDA takes it over": (_HPA, _KEDA.replace("from: replicas", "from: hpa, replicas: 3")),
    "there was none": (_CPU, "replicas: 4"),
    "only its resources go": (f"{_HPA}, {_CPU}", _HPA),
}


@pytest.mark.parametrize(("before", "after"), _SILENT.values(), ids=_SILENT.keys())
def test_nothing_is_said_where(before: str, after: str) -> None:
    _, found = _from_to(before, after)

    assert found == []


def test_it_is_said_by_the_run_that_changes_the_plan_and_stands_in_no_file() -> None:
    changed, _ = _from_to(_HPA, _CPU)
    fresh = _compiled({"web": _request(_CPU)})
    again = _compiled({"web": _request(_CPU)}, changed)

    assert changed.files == fresh.files == again.files
    assert _lost(again) == []


def test_a_request_or_a_workload_that_is_gone_leaves_its_autoscaler_too() -> None:
    committed = _compiled({"web": _request(_HPA)})

    (of_request,) = _lost(_compiled({}, committed))
    (of_workload,) = _lost(_compiled({"web": _request("replicas: 2", name="api")}, committed))

    assert of_request.path == "ops/plans/infra-scale/prod/web/plan.yaml"
    assert of_workload.path == "requests/web.yaml"
    assert "the HPA web in namespace shop is in a committed plan but no longer in a request" in of_request.message
    assert of_workload.message == of_request.message


def test_a_workload_that_moves_to_another_request_keeps_its_autoscaler() -> None:
    committed = _compiled({"web": _request(_HPA)})

    assert _lost(_compiled({"other": _request(_HPA)}, committed)) == []


def test_nothing_is_said_of_a_request_that_cannot_be_read_or_was_not_asked_for() -> None:
    committed = _compiled({"web": _request(_HPA)})
    dropped = {"web": _request(_CPU), "api": _request("replicas: 3", name="api")}

    assert _lost(_compiled({"web": "workloads: {"}, committed)) == []
    assert _lost(_compiled(dropped, committed, scope=Scope(paths=("requests/api.yaml",)))) == []
    assert _lost(_compiled({}, committed, scope=Scope(target="staging"))) == []
    assert len(_lost(_compiled(dropped, committed, scope=Scope(paths=("requests/web.yaml",))))) == 1


def test_a_policy_can_make_it_an_error_or_turn_it_off_and_the_plan_is_the_same() -> None:
    """It depends on the committed plan, and a plan does not."""
    committed = _compiled({"web": _request(_HPA)})
    dropped = {"web": _request(_CPU)}

    strict = _compiled(dropped, committed, target=f"{_TARGET}policy: {{rules: {{OWN-007: error}}}}\n")
    assert [finding.severity for finding in _lost(strict)] == ["error"]
    assert strict.is_valid
    assert strict.files == _compiled(dropped).files
    assert _lost(_compiled(dropped, committed, target=f"{_TARGET}policy: {{rules: {{OWN-007: off}}}}\n")) == []


def test_a_plan_with_the_line_ends_of_windows_is_read_alike() -> None:
    committed = _compiled({"web": _request(_HPA)})
    windows = committed._replace(files={path: text.replace(b"\n", b"\r\n") for path, text in committed.files.items()})

    assert len(_lost(_compiled({"web": _request(_CPU)}, windows))) == 1


@pytest.mark.parametrize("parts", [1, 2, 3, 8])
def test_of_the_parts_of_a_run_one_tells_of_what_moved_or_is_gone(parts: int) -> None:
    before = _compiled({"web": _request(_HPA), "api": _request(_HPA, name="api"), "cart": _request(_HPA, name="cart")})
    after = {"other": _request(_CPU), "api": _request(_CPU, name="api")}

    scopes = [Scope(shard=Shard(number, parts)) for number in range(parts)]
    told = [finding for scope in scopes for finding in _lost(_compiled(after, before, scope=scope))]

    assert len(told) == 3
    assert set(told) == set(_lost(_compiled(after, before)))
