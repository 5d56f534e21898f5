"""Who sets spec.replicas, the steps of every hand-over."""

import re

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.core.documents.plan import write_plan
from infra_scale.core.reporting.summary import summary
from support.ownership_pairs import PAIRS
from support.pure import SCHEMAS, compile, compile_one, compile_with_base, rendered_patches, source

_TRIGGERS = "triggers: [{type: cron, metadata: {timezone: UTC}}]"


def _rules(compilation: Compilation) -> list[str]:
    return [finding.rule for finding in compilation.findings]


@pytest.mark.parametrize(("rule", "firing", "silent", "base"), PAIRS)
def test_a_rule_fires_and_stays_silent_at_its_boundary(rule: str, firing: str, silent: str, base: int | None) -> None:
    assert _rules(compile_with_base(firing, base=base)).count(rule) == 1
    assert rule not in _rules(compile_with_base(silent, base=base))


@pytest.mark.parametrize(
    ("workload", "base", "before", "after"),
    [
        ("hpa: {min: 2, max: 4}", None, "unknown", "hpa"),
        ("replicas: 3", 2, "replicas", "replicas"),
        ("replicas: 3, hpa: {min: 2, max: 4}, handover: {from: replicas}", None, "replicas", "hpa"),
        (f"keda: {{min: 2, max: 4, {_TRIGGERS}}}, handover: {{from: hpa}}", 2, "hpa", "keda"),
        ("replicas: 2, handover: {from: keda}", None, "keda", "replicas"),
    ],
)
def test_a_plan_says_who_sets_the_replicas_before_and_after(
    workload: str, base: int | None, before: str, after: str
) -> None:
    (plan,) = compile_with_base(workload, base=base).plans

    (owner,) = yaml.safe_load(write_plan(plan))["ownership"]
    assert owner == {"kind": "Deployment", "name": "web", "namespace": "shop", "before": before, "after": after}
    assert "## Replica Ownership" in summary(plan)


def test_a_plan_that_touches_no_replicas_says_nothing_about_them() -> None:
    (plan,) = compile_with_base("requests: {cpu: 1}").plans

    assert "ownership" not in yaml.safe_load(write_plan(plan))
    assert "Replica Ownership" not in summary(plan)


def _steps(workload: str, *, base: int | None = None) -> list[str]:
    (plan,) = compile_with_base(workload, base=base).plans
    (transfer,) = plan.transfers
    return [f"{step.phase}: {step.command or step.what}" for step in transfer.steps]


def _in_order(steps: list[str], *parts: str) -> bool:
    places = [next(index for index, step in enumerate(steps) if part in step) for part in parts]
    return places == sorted(places)


def test_from_replicas_to_hpa_the_count_is_held_before_the_field_leaves() -> None:
    steps = _steps("hpa: {min: 4, max: 8}, handover: {from: replicas, replicas: 4}")

    assert _in_order(
        steps, "before: kubectl get deployment/web", "set-last-applied", "plan: the HPA is created", "after:"
    )
    assert not any("delete" in step for step in steps)


_CLUSTER = "clusters: [{name: a}]\nmanifests: [apps]\n"
_FROM_REPLICAS = "hpa: {min: 4, max: 8}, requests: {cpu: 1}, container: app, handover: {from: replicas, replicas: 4}"
_WEB = "kind: Deployment\nmetadata: {name: web}\nspec: {%s template: {spec: {containers: [{name: app}]}}}\n"


def _compiled(target: str, **apps: str) -> Compilation:
    """A hand-over from replicas to an HPA, with these files below apps/; `__` stands for `/`."""
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {_FROM_REPLICAS}}}]\n"
    paths = {f"apps/{name.replace('__', '/')}.yaml": text for name, text in apps.items()}
    context = Context(
        SCHEMAS,
        targets=(source(target, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, path) for path, text in paths.items()),
    )
    return compile([source(request)], context)


_PATCHED = "resources: [web.yaml]\npatches: [{patch: '{spec: {replicas: 7}}', target: {name: web}}]\n"
_BASES = {
    "a base that sets it": (_CLUSTER, {"web": _WEB % "replicas: 4,"}),
    "a base that does not set it": (_CLUSTER, {"web": _WEB % ""}),
    "a base that is patched": (_CLUSTER, {"base__web": _WEB % "replicas: 4,", "base__kustomization": _PATCHED}),
    "a target without clusters": ("manifests: [apps]\n", {"web": _WEB % "replicas: 4,"}),
}


@pytest.mark.parametrize(("target", "apps"), _BASES.values(), ids=_BASES.keys())
def test_the_field_is_said_to_leave_git_exactly_where_a_rendered_patch_takes_it_out(
    target: str, apps: dict[str, str]
) -> None:
    compilation = _compiled(target, **apps)

    is_patched = any("replicas" in patch["spec"] for patch in rendered_patches(compilation))
    steps = [step.what for transfer in compilation.plans[0].transfers for step in transfer.steps]
    assert any("and spec.replicas is removed from Git" in step for step in steps) == is_patched
    assert any("so no patch does it" in step for step in steps) != is_patched


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("a base that does not set it", "`apps/web.yaml` does not"),
        (
            "a base that is patched",
            "from the manifests of Deployment/web, together with the plan: their build result is unknown",
        ),
        ("a target without clusters", "from `apps/web.yaml`"),
    ],
)
def test_who_has_to_delete_the_field_is_told_where_it_stands_as_far_as_that_is_known(base: str, said: str) -> None:
    target, apps = _BASES[base]

    (transfer,) = _compiled(target, **apps).plans[0].transfers

    (step,) = [step for step in transfer.steps if step.phase == "plan" and "remove spec.replicas from" in step.what]
    assert said in step.what


def test_from_hpa_to_replicas_the_hpa_goes_first_and_an_exact_number_follows() -> None:
    steps = _steps("replicas: 5, handover: {from: hpa}")

    assert _in_order(steps, "plan: kubectl delete hpa web", "plan: kubectl scale deployment/web -n shop --replicas=5")


def test_from_hpa_to_keda_the_hpa_is_taken_over_and_not_deleted() -> None:
    steps = _steps(f"keda: {{min: 3, max: 8, {_TRIGGERS}}}, handover: {{from: hpa, replicas: 3}}")

    assert _in_order(steps, "Prune=false", "transfer-hpa-ownership")
    assert not any("delete" in step for step in steps)


def test_from_keda_to_hpa_keda_is_paused_at_the_live_count_and_goes_before_the_hpa_comes() -> None:
    steps = _steps("hpa: {min: 3, max: 8}, handover: {from: keda, replicas: 3}")

    assert _in_order(
        steps,
        '"restoreToOriginalReplicaCount":false',
        'paused-replicas="$(',
        "delete scaledobject",
        "the HPA is created",
    )


def test_from_keda_to_replicas_keda_is_paused_at_the_number_that_stays() -> None:
    steps = _steps("replicas: 3, handover: {from: keda, replicas: 3}")

    assert _in_order(steps, "paused-replicas=3", "delete scaledobject", "--replicas=3")


def test_from_vpa_to_requests_it_stops_to_evict_and_goes_after_the_requests_are_set() -> None:
    steps = _steps("requests: {cpu: 1}, handover: {from: vpa}")
    (plan,) = compile_with_base("requests: {cpu: 1}, handover: {from: vpa}").plans

    assert _in_order(steps, '"updateMode":"Off"', "the pods restart once", "delete vpa")
    assert [type(action).__name__ for action in plan.actions] == ["UpdateResources", "RemoveAutoscaler"]


def test_from_fixed_requests_to_vpa_its_first_recommendation_is_waited_for() -> None:
    assert _in_order(
        _steps("vpa: {mode: Initial}, handover: {from: replicas}"), "the VPA is created", "RecommendationProvided"
    )


def test_a_field_in_git_is_held_whoever_has_set_the_replicas() -> None:
    keda = f"keda: {{min: 3, max: 8, {_TRIGGERS}}}"

    assert any("infra-scale-handover" in step for step in _steps(f"{keda}, handover: {{from: hpa}}", base=3))
    assert not any("infra-scale-handover" in step for step in _steps(f"{keda}, handover: {{from: hpa}}"))


def test_every_cluster_has_its_own_steps_with_its_own_context() -> None:
    request = (
        "target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 3, handover: {from: hpa, replicas: 3}}]\n"
    )
    (plan,) = compile_one(request, prod="clusters: [{name: eu, context: admin@eu}, {name: us}]").plans

    written = yaml.safe_load(write_plan(plan))["handover"]
    assert [transfer.get("context") for transfer in written] == [None, "us"]
    for transfer, context in zip(written, ("admin@eu", "us"), strict=True):
        assert all(f"--context {context} " in step["command"] for step in transfer["steps"] if "command" in step)


_SCALED_BACK = (
    "kubectl scale deployment/web -n shop "
    "--replicas=${detect:-$(grep . previous-replicas.prod.shop.deployment.web.txt || echo unknown)}"
)


@pytest.mark.parametrize(
    ("workload", "hints"),
    [
        (
            "hpa: {min: 3, max: 8}, handover: {from: replicas, replicas: 3}",
            ["kubectl delete hpa web -n shop", _SCALED_BACK],
        ),
        (
            "hpa: {min: 3, max: 8}, handover: {from: keda, replicas: 3}",
            ["kubectl delete hpa web -n shop", "kubectl apply -f previous-keda.prod.shop.web.yaml"],
        ),
        (
            f"keda: {{min: 3, max: 8, {_TRIGGERS}}}, handover: {{from: hpa, replicas: 3}}",
            [
                "kubectl delete scaledobject web -n shop --cascade=foreground",
                "kubectl apply -f previous-hpa.prod.shop.web.yaml",
            ],
        ),
        (
            "replicas: 3, handover: {from: hpa}",
            [
                "kubectl apply -f previous-hpa.prod.shop.web.yaml",
                _SCALED_BACK,
            ],
        ),
        (
            "hpa: {min: 3, max: 8}",
            [
                "ls previous-hpa.prod.shop.web.yaml && if test -s previous-hpa.prod.shop.web.yaml; "
                "then kubectl replace -f previous-hpa.prod.shop.web.yaml; else kubectl delete hpa web -n shop; fi",
                _SCALED_BACK,
            ],
        ),
    ],
)
def test_a_hand_over_is_undone_in_the_order_that_keeps_one_owner(workload: str, hints: list[str]) -> None:
    (plan,) = compile_with_base(workload).plans

    assert list(plan.rollback_hints) == hints
    for file in re.findall(r"previous-[\w.-]+\.\w+", "\n".join(hints)):
        assert any(preparation.endswith(f" {file}") for preparation in plan.preparations)
