"""Where no manifest is known, a snapshot shows whose requests and limits they are: in forecasts, and in no file."""

from infra_scale.core.compiling.compilation import Compilation
from support.clusters import BOTH, compile_in
from support.snapshots import app, limits, live, snapshot


def _rules(compilation: Compilation) -> set[str]:
    return {finding.rule for finding in compilation.findings}


def _verdict(compilation: Compilation) -> str:
    (plan,) = compilation.plans
    return compilation.forecast(plan).capacity[0].workloads[0].expected[0].text


def _patches(compilation: Compilation) -> list[str]:
    return [text.decode() for path, text in compilation.files.items() if path.endswith("-resources.yaml")]


def test_capacity_takes_the_only_container_that_runs_and_nothing_is_rendered_for_it() -> None:
    compilation = compile_in("requests: {cpu: 1}")

    assert "(1, 512Mi)" in _verdict(compilation)
    assert _patches(compilation) == []
    assert _rules(compilation) == {"RES-011"}


def test_a_sidecar_that_is_named_is_counted() -> None:
    seen = snapshot(live(initContainers=[app("mesh", cpu="100m", restartPolicy="Always")]))

    compilation = compile_in("container: mesh, requests: {cpu: 200m}", eu_1=seen)

    assert "2 × (700m, 1Gi)" in _verdict(compilation)


def test_what_runs_in_which_cluster_changes_no_file() -> None:
    other = snapshot(live(containers=[app("main")]), cluster="prod-eu-2")

    compilation = compile_in("requests: {cpu: 1}", target=BOTH, eu_1=snapshot(), eu_2=other)

    assert compilation.files == compile_in("requests: {cpu: 1}", target=BOTH).files
    assert [finding.message for finding in compilation.findings if finding.rule == "RES-011"] == [
        "container of Deployment/web is unknown: its resources are in the plan but not rendered"
    ]


def test_a_manifest_knows_containers_better_than_what_runs() -> None:
    base = "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: new}]}}}\n"

    compilation = compile_in("requests: {cpu: 1}", base=base)

    assert not {"RES-008", "RES-009", "RES-011"} & _rules(compilation)


def test_a_rollout_whose_pods_the_api_server_refuses_has_no_other_verdict() -> None:
    bounded = {"name": "shop", "limitRanges": [limits(max={"cpu": "600m"})]}
    (plan,) = (compilation := compile_in("replicas: 3, requests: {cpu: 700m}", eu_1=snapshot(namespace=bounded))).plans

    (only,) = compilation.forecast(plan).capacity[0].workloads[0].expected

    assert (only.scenario, only.status) == ("requested", "does_not_fit")
