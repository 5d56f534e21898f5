"""Two targets name one cluster only where both say so: moving to a more lenient target must not go unnoticed."""

import pytest

from infra_scale.core.documents.target import Targets, read_targets
from infra_scale.core.evaluation.shared_clusters import unshared
from infra_scale.model.finding import Finding
from support.pure import SCHEMAS, compile_one, source

_REQUEST = "target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 2}]\n"
_PLAIN = "clusters: [{name: eu}]\n"
_SHARED = "clusters: [{name: eu, shared: true}]\n"


def _found(targets: dict[str, str], base: dict[str, str] | None = None) -> list[Finding]:
    return list(unshared(_targets(targets), _targets(base or {})))


def _targets(written: dict[str, str]) -> Targets:
    found, findings = read_targets(
        [source(text, f"ops/targets/{name}.yaml") for name, text in written.items()], schema=SCHEMAS.target
    )
    assert not findings
    return found


@pytest.mark.parametrize(
    ("prod", "other", "refused"),
    [
        (_PLAIN, _PLAIN, True),
        (_PLAIN, _SHARED, True),
        (_SHARED, _PLAIN, True),
        (_SHARED, _SHARED, False),
        (_PLAIN, "clusters: [{name: us}]\n", False),
        (_SHARED, "clusters: [{name: eu, shared: false}]\n", True),
    ],
)
def test_a_cluster_of_two_targets_is_an_error_in_both_unless_both_share_it(
    prod: str, other: str, *, refused: bool
) -> None:
    compilation = compile_one(_REQUEST, prod=prod, other=other)

    found = [(finding.rule, finding.path) for finding in compilation.findings]
    both = [("TGT-005", "ops/targets/other.yaml"), ("TGT-005", "ops/targets/prod.yaml")]
    assert found == (both if refused else [])
    assert bool(compilation.plans) != refused


def test_the_error_is_at_the_cluster_and_names_the_other_target_and_both_files() -> None:
    *_, finding = compile_one(_REQUEST, prod="clusters: [{name: us}, {name: eu}]\n", other=_SHARED).findings

    assert finding.message == "the cluster eu also belongs to target other, but not all of them share it"
    assert finding.help == (
        "set `shared: true` for eu in ops/targets/prod.yaml and ops/targets/other.yaml, or use it in one target only"
    )
    assert finding.position
    assert (finding.position.line, finding.position.column) == (1, 31)


def test_many_other_targets_are_counted() -> None:
    found = _found({f"t{number}": _PLAIN for number in range(6)})

    assert len(found) == 6
    assert found[0].message.startswith("the cluster eu also belongs to target t1, t2, t3 and 2 more, but")


def test_a_target_that_replaces_one_of_the_base_on_its_cluster_needs_both_to_share_it() -> None:
    assert [finding.path for finding in _found({"new": _PLAIN}, base={"prod": _PLAIN})] == ["ops/targets/new.yaml"]
    assert _found({"new": _SHARED}, base={"prod": _PLAIN})
    assert not _found({"new": _SHARED}, base={"prod": _SHARED})
    assert _found(
        {"dev": "clusters: [{name: us}, {name: eu}]\n"}, base={"dev": "clusters: [{name: us}]\n", "prod": _PLAIN}
    )


def test_what_the_base_has_counts_only_for_clusters_that_a_target_names_anew() -> None:
    assert not _found({"dev": _PLAIN}, base={"dev": _PLAIN, "prod": _PLAIN})
    assert not _found({"prod": _SHARED, "new": _SHARED}, base={"prod": _PLAIN})
