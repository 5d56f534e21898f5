"""Where no manifest is known, a snapshot tells which container requests and limits are for."""

from infra_scale.core.compiling.compilation import Compilation
from support.clusters import BOTH, compile_in
from support.snapshots import app, live, snapshot


def _rules(compilation: Compilation) -> set[str]:
    return {finding.rule for finding in compilation.findings}


def _plan(compilation: Compilation) -> str:
    (plan,) = compilation.plans
    return compilation.files[f"{plan.folder}/plan.yaml"].decode()


def _patches(compilation: Compilation) -> list[str]:
    return [text.decode() for path, text in compilation.files.items() if path.endswith("-resources.yaml")]


def test_plan_patch_and_capacity_take_the_only_container_that_runs() -> None:
    compilation = compile_in("requests: {cpu: 1}")

    assert "container: app" in _plan(compilation)
    assert "(1, 512Mi)" in _plan(compilation)
    assert ["- name: app" in patch for patch in _patches(compilation)] == [True]
    assert _rules(compilation) == set()


def test_an_init_container_beside_it_makes_it_no_less_the_only_one() -> None:
    seen = snapshot(live(initContainers=[app("migrate"), app("mesh", restartPolicy="Always")]))

    assert "container: app" in _plan(compile_in("requests: {cpu: 1}", eu_1=seen))


def test_a_sidecar_that_is_named_is_resized() -> None:
    seen = snapshot(live(initContainers=[app("mesh", cpu="100m", restartPolicy="Always")]))

    compilation = compile_in("container: mesh, requests: {cpu: 200m}", eu_1=seen)

    assert "2 × (700m, 1Gi)" in _plan(compilation)
    (patch,) = _patches(compilation)
    assert "      initContainers:\n        - name: mesh\n" in patch
    assert "      containers:" not in patch


def test_each_cluster_has_its_own_containers() -> None:
    other = snapshot(live(containers=[app("main")]), cluster="prod-eu-2")

    compilation = compile_in("requests: {cpu: 1}", target=BOTH, eu_1=snapshot(), eu_2=other)

    assert ["- name: app" in patch for patch in _patches(compilation)] == [True, False]
    assert ["- name: main" in patch for patch in _patches(compilation)] == [False, True]


def test_a_container_is_unknown_only_where_no_snapshot_has_it() -> None:
    compilation = compile_in("requests: {cpu: 1}", target=BOTH)

    assert [finding.message for finding in compilation.findings if finding.rule == "RES-011"] == [
        "container of Deployment/web is not known: its resources are in the plan, and not rendered in prod-eu-2"
    ]


def test_a_manifest_knows_containers_better_than_what_runs() -> None:
    base = "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: new}]}}}\n"

    compilation = compile_in("requests: {cpu: 1}", base=base)

    assert not {"RES-008", "RES-009", "RES-011"} & _rules(compilation)
