"""The rendered tree is shared by requests: what each run may write, what it must leave, and what it takes away."""

from collections.abc import Mapping

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.core.documents.target import valid_targets
from infra_scale.core.proposing.plans import target_plans
from infra_scale.model.names import RENDERED
from infra_scale.model.scope import Scope
from support.pure import SCHEMAS, compile, source

_PROD = "clusters: [{name: a}, {name: b, namespaces: [quiet]}]\n"
_CANARY = "clusters: [{name: a, shared: true}]\n"
_TARGETS = {"prod": _PROD}
_ALL = Scope()

Tree = dict[str, bytes]


def _request(name: str, *, target: str = "prod", namespace: str = "shop", more: str = "replicas: 2") -> str:
    return f"target: {target}\nnamespace: {namespace}\nworkloads: [{{kind: Deployment, name: {name}, {more}}}]\n"


def _compile(
    requests: dict[str, str],
    tree: Tree,
    targets: dict[str, str] | None = None,
    scope: Scope = _ALL,
    overlay: str = "",
) -> Compilation:
    known = _TARGETS if targets is None else targets
    context = Context(
        SCHEMAS,
        targets=tuple(source(text, f"ops/targets/{name}.yaml") for name, text in known.items()),
        scope=scope,
        manifests=(source(overlay, "apps/over/kustomization.yaml"),) if overlay else (),
    )
    generated = [source(content, path) for path, content in sorted(tree.items())]
    found = [source(text, f"requests/{name}.yaml") for name, text in requests.items()]
    return compile(found, context, generated=generated)


def _after(compilation: Compilation, tree: Tree) -> Tree:
    changed = {**tree, **compilation.files}
    return {path: content for path, content in changed.items() if path not in compilation.obsolete}


def _settled(requests: dict[str, str], tree: Tree | None = None, targets: dict[str, str] | None = None) -> Tree:
    return _after(_compile(requests, tree or {}, targets), tree or {})


def _rendered(tree: Tree) -> list[str]:
    return sorted(path.removeprefix(f"{RENDERED}/") for path in tree if path.startswith(RENDERED))


def _joined(tree: Tree, place: str) -> list[str]:
    text = tree[f"{RENDERED}/{place}/kustomization.yaml"].decode()
    return [line.strip(" -") for line in text.splitlines() if line.startswith("  - ")]


TWO = {"web": _request("web"), "api": _request("api")}


def test_a_namespace_joins_the_workloads_of_all_requests_on_every_cluster() -> None:
    tree = _settled(TWO)

    assert _joined(tree, "a/shop") == _joined(tree, "b/shop") == ["deployment-api", "deployment-web"]


def test_every_known_namespace_has_a_component_on_every_cluster_of_the_target() -> None:
    tree = _settled({"web": _request("web", more="replicas: 2, cluster: b")})

    assert _joined(tree, "a/shop") == _joined(tree, "b/quiet") == []
    assert b"components: []\n" in tree[f"{RENDERED}/a/shop/kustomization.yaml"]
    assert _joined(tree, "b/shop") == ["deployment-web"]


def test_a_target_without_clusters_has_nothing_rendered() -> None:
    assert _rendered(_settled(TWO, targets={"prod": "clusters: []\n"})) == []


def test_the_order_of_requests_and_files_does_not_matter() -> None:
    backwards = dict(reversed(TWO.items()))

    assert _settled(TWO) == _settled(backwards) == _settled(backwards, _settled({"api": TWO["api"]}))


def test_a_second_run_changes_nothing() -> None:
    tree = _settled(TWO)

    again = _compile(TWO, tree)

    assert (again.files, again.obsolete) == (tree, ())


def test_a_workload_whose_request_is_gone_goes_and_takes_the_namespace_with_it() -> None:
    tree = _settled({**TWO, "other": _request("other", namespace="other")})

    after = _settled(TWO, tree)

    assert _rendered(after) == _rendered(_settled(TWO))


def test_a_workload_that_leaves_its_request_goes_with_all_its_files() -> None:
    tree = _settled({"web": _request("web", more="replicas: 2, hpa: {min: 2, max: 4}")})

    after = _settled({"web": _request("api")}, tree)

    assert _joined(after, "a/shop") == ["deployment-api"]
    assert not [path for path in after if "deployment-web" in path]


@pytest.mark.parametrize("broken", ["a: [", _request("web", more="replicas: six"), _request("web", target="nobody")])
def test_what_a_refused_request_has_rendered_stays_while_others_move_on(broken: str) -> None:
    tree = _settled(TWO)

    after = _settled({"web": broken, "new": _request("new")}, tree)

    assert _joined(after, "a/shop") == ["deployment-new", "deployment-web"]
    kept = {path: content for path, content in tree.items() if "deployment-web" in path}
    assert kept.items() <= after.items()


def test_an_empty_namespace_stays_while_a_request_that_may_name_it_cannot_be_read() -> None:
    tree = _settled({"web": _request("web", more="replicas: 2, cluster: b")})

    assert f"{RENDERED}/a/shop/kustomization.yaml" in _settled({"web": "a: ["}, tree)
    assert _rendered(_settled({}, tree)) == ["b/quiet/kustomization.yaml"]


@pytest.mark.parametrize("scope", [Scope(paths=("requests/api.yaml",)), Scope("prod", ("requests/api.yaml",))])
def test_a_run_about_one_request_neither_adds_nor_drops_what_belongs_to_others(scope: Scope) -> None:
    tree = _settled({"web": TWO["web"]})
    changed = {"web": _request("web", more="replicas: 9"), "api": TWO["api"], "new": _request("new")}

    compilation = _compile(changed, tree, scope=scope)

    after = _after(compilation, tree)
    assert _joined(after, "a/shop") == ["deployment-api", "deployment-web"]
    assert not [path for path in compilation.files if "deployment-web" in path or "deployment-new" in path]


def test_a_run_about_one_target_leaves_the_namespaces_of_others_alone() -> None:
    targets = {"prod": "clusters: [{name: a}]\n", "staging": "clusters: [{name: s, namespaces: [quiet]}]\n"}
    requests = {"web": _request("web"), "api": _request("api", target="staging")}

    compilation = _compile(requests, {}, targets, Scope("prod"))

    assert _rendered(_after(compilation, {})) == [
        "a/shop/deployment-web/kustomization.yaml",
        "a/shop/kustomization.yaml",
    ]


def test_a_request_that_goes_to_another_target_is_taken_away_by_the_run_about_the_old_one() -> None:
    targets = {"prod": "clusters: [{name: a}]\n", "staging": "clusters: [{name: s}]\n"}
    tree = _settled({"web": _request("web")}, targets=targets)
    moved = {"web": _request("web", target="staging")}

    staging = _after(_compile(moved, tree, targets, Scope("staging")), tree)
    both = _after(_compile(moved, staging, targets, Scope("prod")), staging)

    assert _joined(staging, "a/shop") == _joined(staging, "s/shop") == ["deployment-web"]
    assert both == _settled(moved, targets=targets)


def test_what_a_stranger_put_there_is_left_alone_and_reported() -> None:
    tree = _settled(TWO)
    mine = {f"{RENDERED}/a/shop/mine/kustomization.yaml": b"resources: []\n", f"{RENDERED}/README.md": b"# Ours\n"}

    compilation = _compile(TWO, {**tree, **mine})

    found = {(finding.rule, finding.path) for finding in compilation.findings}
    assert found == {("PLN-002", path) for path in mine}
    assert _joined(_after(compilation, tree), "a/shop") == ["deployment-api", "deployment-web"]


@pytest.mark.parametrize(
    "place", ["a/shop/deployment-web/kustomization.yaml", "a/shop/deployment-web", "a/shop/kustomization.yaml"]
)
def test_what_is_in_the_way_is_an_error_and_never_overwritten(place: str) -> None:
    compilation = _compile(TWO, {f"{RENDERED}/{place}": b"resources: []\n"})

    (finding,) = compilation.findings
    assert (finding.rule, finding.path) == ("PLN-004", f"{RENDERED}/{place}")
    assert "in the way of a rendered manifest" in finding.message
    assert f"{RENDERED}/{place}" not in compilation.files


def test_a_name_of_253_characters_fits_into_a_file_s_name() -> None:
    name = "a" * 63 + ".b" * 95

    tree = _settled({"web": _request(name, more="replicas: 2, hpa: {min: 2, max: 4}")})

    assert max(len(part) for path in tree for part in path.split("/")) < 200
    assert _compile({"web": _request(name, more="replicas: 2, hpa: {min: 2, max: 4}")}, tree).obsolete == ()


SHARED = {"prod": _CANARY, "canary": _CANARY}
BOTH = {"web": _request("web"), "api": _request("api", target="canary")}


Proposals = dict[str, dict[str, bytes | None]]


def _proposed(requests: dict[str, str], held: Tree, targets: dict[str, str] = SHARED) -> Proposals:
    compilation = _compile(requests, held, targets)
    files = [source(text, f"ops/targets/{name}.yaml") for name, text in targets.items()]
    changes = target_plans(compilation, held, valid_targets(files, schema=SCHEMAS.target))
    return {target: dict(change.files) for target, change in changes.items()}


def _merged(held: Tree, files: Mapping[str, bytes | None]) -> Tree:
    return {path: content for path, content in {**held, **files}.items() if content is not None}


def test_what_is_rendered_is_proposed_with_the_plan_of_its_target() -> None:
    proposals = _proposed(BOTH, {})

    assert sorted(proposals) == ["canary", "prod"]
    assert _joined(_merged({}, proposals["prod"]), "a/shop") == ["deployment-web"]
    assert _joined(_merged({}, proposals["canary"]), "a/shop") == ["deployment-api"]


@pytest.mark.parametrize("order", [("prod", "canary"), ("canary", "prod")])
@pytest.mark.parametrize("before", [{}, {"old": _request("old"), "older": _request("older", target="canary")}])
def test_proposals_of_targets_that_share_a_cluster_end_in_the_same_in_either_order(
    order: tuple[str, str], before: dict[str, str]
) -> None:
    held = _settled(before, targets=SHARED)

    for target in order:
        held = _merged(held, _proposed(BOTH, held)[target])
    for _ in range(2):  # what only falls away once both are merged
        for files in _proposed(BOTH, held).values():
            held = _merged(held, files)

    assert held == _settled(BOTH, targets=SHARED)
    assert _proposed(BOTH, held) == {}


def test_no_proposal_drops_a_workload_of_another_target() -> None:
    held = _settled(BOTH, targets=SHARED)

    proposals = _proposed({"web": _request("web"), "new": _request("new", target="canary")}, held)

    assert list(proposals) == ["canary"]
    assert _joined(_merged(held, proposals["canary"]), "a/shop") == ["deployment-new", "deployment-web"]


def test_a_workload_that_changes_its_target_on_one_cluster_is_proposed_whole_by_the_new_one() -> None:
    hpa = "replicas: 2, hpa: {min: 2, max: 4}"
    held = _settled({"web": _request("web", more=hpa)}, targets=SHARED)

    proposals = _proposed({"web": _request("web", target="canary")}, held)

    assert sorted(path for path in proposals["prod"] if RENDERED in path) == []
    assert proposals["canary"][f"{RENDERED}/a/shop/deployment-web/hpa-web.yaml"] is None


def test_a_namespace_without_workloads_is_proposed_by_the_first_target_of_its_cluster() -> None:
    targets = {"prod": "clusters: [{name: a, shared: true, namespaces: [quiet]}]\n", "canary": _CANARY}

    proposals = _proposed({}, {}, targets)

    assert {target: _rendered(_merged({}, files)) for target, files in proposals.items()} == {
        "canary": ["a/quiet/kustomization.yaml"]
    }


def test_what_is_left_of_a_cluster_that_is_gone_is_proposed_by_the_target_that_had_it() -> None:
    held = _settled(BOTH, targets=SHARED)
    targets = {"prod": "clusters: []\n", "canary": "clusters: []\n"}

    for _ in range(2):
        for files in _proposed(BOTH, held, targets).values():
            held = _merged(held, files)

    assert {path for path in _rendered(held) if "deployment" in path} == set()


_WITH_APPS = {"prod": "clusters: [{name: a}]\nmanifests: [apps]\n"}
_OVERLAY = "resources: [https://git.example.com/apps//base]\ncomponents: [../../ops/rendered/infra-scale/a/shop%s]\n"
"""What its remote base has is not known, so it may build any workload."""


def _parting(compilation: Compilation) -> list[tuple[str, str]]:
    return [
        (finding.path.removeprefix(f"{RENDERED}/"), finding.message)
        for finding in compilation.findings
        if finding.rule == "PLN-005"
    ]


def test_a_namespace_that_an_overlay_joins_keeps_an_empty_component_after_its_last_request() -> None:
    overlay = _OVERLAY % ""
    tree = _after(_compile({"web": _request("web")}, {}, _WITH_APPS, overlay=overlay), {})

    last = _compile({}, tree, _WITH_APPS, overlay=overlay)

    left = _after(last, tree)
    assert _rendered(left) == ["a/shop/kustomization.yaml"]
    assert _joined(left, "a/shop") == []
    assert _parting(last) == []
    assert _after(_compile({}, left, _WITH_APPS, overlay=overlay), left) == left


def test_an_overlay_makes_no_component_of_a_namespace_that_nobody_has_asked_for() -> None:
    assert _rendered(_after(_compile({}, {}, _WITH_APPS, overlay=_OVERLAY % ""), {})) == []


def test_a_component_of_a_namespace_that_goes_with_its_last_request_is_said_to_go() -> None:
    tree = _settled({"web": _request("web")}, targets={"prod": _CANARY})

    last = _compile({}, tree, {"prod": _CANARY})

    assert _parting(last) == [
        (
            "a/shop/kustomization.yaml",
            "this Component is deleted with the last request: kustomizations that name it can no longer be built",
        )
    ]
    (finding,) = [finding for finding in last.findings if finding.rule == "PLN-005"]
    assert finding.severity == "warning"
    assert finding.help == "list the namespace in `clusters[].namespaces` of the target to keep an empty one"
    assert _parting(_compile({}, _after(last, tree), {"prod": _CANARY})) == []


def test_a_component_of_a_workload_that_goes_is_said_to_where_an_overlay_joins_it() -> None:
    overlay = _OVERLAY % "/deployment-web"
    both = {"web": _request("web"), "api": _request("api")}
    tree = _after(_compile(both, {}, _WITH_APPS, overlay=overlay), {})

    without_web = _compile({"api": _request("api")}, tree, _WITH_APPS, overlay=overlay)
    without_api = _compile({"web": _request("web")}, tree, _WITH_APPS, overlay=overlay)

    assert _parting(without_web) == [
        (
            "a/shop/deployment-web/kustomization.yaml",
            "this Component is deleted, but apps/over/kustomization.yaml names it and can no longer be built",
        )
    ]
    assert _parting(without_api) == []


def test_a_component_of_a_workload_that_an_overlay_joins_stays_what_it_is() -> None:
    overlay = _OVERLAY % "/deployment-web"
    request = {"web": _request("web")}
    tree = _after(_compile(request, {}, _WITH_APPS, overlay=overlay), {})

    assert _after(_compile(request, tree, _WITH_APPS, overlay=overlay), tree) == tree
