"""The sample clusters are captured like any other, and our sample requests meet every verdict there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra_scale.core.capacity.demand import Bounds, Change, Demand, demand_of
from infra_scale.core.capacity.scenarios import Capacity, capacity_of
from infra_scale.core.compile import Compilation, Context, compile
from infra_scale.core.reading.prices import read_prices_file
from infra_scale.core.reading.snapshot import read_snapshot_file
from infra_scale.core.schema.catalogue import PRICES, SNAPSHOT
from infra_scale.model.action import UpdateResources
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.source import Source
from infra_scale.model.verdict import status
from support.pure import NOW, SCHEMAS, source
from support.repository import CHECKOUT, Repository
from support.sample_clusters import CLUSTERS, sample_snapshot


def _schema(name: str) -> str:
    return (CHECKOUT / "schemas" / name).read_text(encoding="utf-8")


def _file(cluster: str, name: str) -> Path:
    return CHECKOUT / "ops/clusters" / cluster / name


def _snapshot(cluster: str) -> ClusterSnapshot:
    text = _file(cluster, "snapshot.yaml").read_text(encoding="utf-8")
    snapshot, findings = read_snapshot_file(source(text, f"{cluster}.yaml"), schema=_schema(SNAPSHOT))
    assert findings == ()
    assert snapshot
    return snapshot


def _compiled(*, clusters: bool = False) -> Compilation:
    """The sample requests, with the manifests that say which container is meant, and with the clusters if wanted."""

    def found(folder: str) -> tuple[Source, ...]:
        files = sorted((CHECKOUT / folder).rglob("*.yaml"))
        return tuple(source(file.read_bytes(), file.relative_to(CHECKOUT).as_posix()) for file in files)

    context = Context(SCHEMAS, NOW, targets=found("ops/targets"), manifests=found("examples/apps"))
    if clusters:
        context = context._replace(clusters=found("ops/clusters"))
    return compile(found("requests"), context)


def _demands(snapshot: ClusterSnapshot) -> Iterator[Demand]:
    """What the plans for prod ask of the cluster."""
    for plan in _compiled().plans:
        if plan.request.target == "prod":
            containers = {one.ref: one.container for one in plan.actions if isinstance(one, UpdateResources)}
            for workload in plan.request.workloads:
                live = snapshot.workload(workload.ref)
                assert live, f"{workload.ref} is not in {snapshot.cluster}"
                hpa = workload.hpa if plan.request.autoscaling == "hpa" else None
                bounds = Bounds(hpa.minimum, hpa.maximum) if hpa else None
                asked = workload.parallelism if workload.replicas is None else workload.replicas
                container = containers.get(workload.ref)
                yield demand_of(live, Change(asked, bounds, container, workload.requests, workload.limits))


def _capacity(cluster: str) -> Capacity:
    snapshot = _snapshot(cluster)
    return capacity_of(snapshot, _demands(snapshot))


def _verdicts(cluster: str) -> dict[str, str]:
    return {one.ref.name: status(one.requested) for one in _capacity(cluster).workloads}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_the_files_are_those_of_the_objects(cluster: str, refresh: bool) -> None:
    file = _file(cluster, "snapshot.yaml")
    fresh = sample_snapshot(cluster)

    if refresh:
        file.write_text(fresh, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == fresh, "run `make golden`"


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_they_are_as_large_as_clusters_are(cluster: str) -> None:
    snapshot = _snapshot(cluster)

    assert sum(node.times for node in snapshot.nodes) > 30
    assert len(snapshot.pools) == 2
    assert len(snapshot.workloads) > 40
    assert any(state.quotas for state in snapshot.namespaces)
    assert any(state.limit_ranges for state in snapshot.namespaces)


def test_the_sample_requests_meet_every_verdict() -> None:
    first, second = map(_verdicts, CLUSTERS)

    assert (first["web"], second["web"]) == ("fits", "fits")
    assert (first["checkout"], second["checkout"]) == ("fits_after_scaleup", "fits_after_scaleup")
    assert first["node-agent"] == "fits_depending_on_order"
    assert (first["ledger"], second["ledger"]) == ("fits", "does_not_fit")
    assert (first["cart-cache"], second["cart-cache"]) == ("unknown", "unknown")


def test_the_sample_requests_are_valid_and_show_what_is_found_in_clusters() -> None:
    compilation = _compiled(clusters=True)

    told = {finding.rule for finding in compilation.findings}
    assert compilation.is_valid
    assert told >= {"CAP-001", "CAP-002", "CAP-004", "CAP-005", "QUO-003", "KIND-004", "REP-005", "COST-001"}
    assert "CAP-006" not in told


def test_a_quota_holds_less_than_an_hpa_may_ask_for() -> None:
    faults = [fault for one in _capacity(CLUSTERS[0]).workloads for fault in one.quota_faults]

    assert {type(fault).__name__ for fault in faults} == {"HpaMaxExceeded"}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_their_prices_are_read(cluster: str) -> None:
    content = _file(cluster, "prices.yaml").read_bytes()

    sheet, findings = read_prices_file(source(content, "prices.yaml"), schema=_schema(PRICES))

    assert findings == ()
    assert sheet
    assert sheet.cluster == cluster


def test_the_committed_plans_of_the_sample_requests_are_in_step() -> None:
    assert ": every plan is in step; " in Repository(CHECKOUT).run("compile", "--check", "--no-cache")
