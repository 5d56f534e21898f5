"""A snapshot file becomes a snapshot, or findings at their places; whatever stands in it, never an exception."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.documents.snapshot import read_snapshot
from infra_scale.core.schema.catalogue import SNAPSHOT
from infra_scale.core.syntax import limits
from infra_scale.model.finding import Finding
from infra_scale.model.pod import Requirement, Spread, Taint, Toleration
from infra_scale.model.snapshot import ClusterSnapshot, DisruptionBudget, LiveAutoscaler, Strategy
from infra_scale.model.source import Source
from support.amounts import examples
from support.capacity import amounts, ref
from support.pure import source
from support.repository import CHECKOUT

_SCHEMA = (CHECKOUT / "schemas" / SNAPSHOT).read_text(encoding="utf-8")
_PATH = "ops/clusters/prod-eu/snapshot.yaml"

_SAMPLE = (CHECKOUT / "tests/data/cluster-snapshot.yaml").read_text(encoding="utf-8")


def _read(text: str | bytes) -> tuple[ClusterSnapshot | None, tuple[Finding, ...]]:
    return read_snapshot(source(text, _PATH), schema=_SCHEMA)


def _refused(text: str) -> list[str]:
    snapshot, findings = _read(text)
    assert snapshot is None
    assert all(finding.position and finding.path == _PATH for finding in findings)
    return [f"{f.position.line}:{f.position.column} {f.rule} {f.message}" for f in findings if f.position]


def test_the_sample_of_the_format_is_read_whole() -> None:
    snapshot, findings = _read(_SAMPLE)

    assert findings == ()
    assert snapshot is not None
    assert (snapshot.cluster, snapshot.captured_at) == ("prod-eu", datetime(2025, 1, 15, 3, tzinfo=UTC))
    assert (snapshot.kubernetes_version, snapshot.cluster_uid) == ("v1.31.4", "sha256:1f3a")
    (pool,) = snapshot.pools
    assert pool.template is not None
    assert pool.template.overhead == amounts(cpu="250m", memory="300Mi", pods="5")
    assert [(node.id, node.pool, node.times) for node in snapshot.nodes] == [("n1", "general", 1), ("n2", None, 3)]
    assert snapshot.nodes[1].taints == (Taint("dedicated", "gpu", "NoSchedule"),)
    (quota,) = snapshot.namespace("assistant").quotas
    assert quota.scopes == (Requirement("NotTerminating", "Exists"), Requirement("PriorityClass", "In", ("high",)))
    (limit,) = snapshot.namespace("assistant").limit_ranges[0].limits
    assert limit.ratio == amounts(cpu="2")


def test_a_live_workload_is_read_whole() -> None:
    snapshot, _ = _read(_SAMPLE)

    assert snapshot is not None
    live = snapshot.workload(ref())
    assert live is not None
    assert (live.replicas, live.resource_version, live.generation) == (3, "42", 3)
    assert live.pod.containers[0].requests == amounts(cpu="500m", memory="1Gi")
    assert live.pod.init_containers[0].is_sidecar
    assert live.strategy == Strategy("RollingUpdate", "25%", "1")
    assert live.pod.scheduling.tolerations == (Toleration("dedicated", "Exists", "", None),)
    assert live.pod.scheduling.affinity == ((Requirement("zone", "NotIn", ("c",)),),)
    assert live.pod.scheduling.spread == (Spread("topology.kubernetes.io/zone", 1),)
    assert live.pod.scheduling.is_alone_on_host
    assert live.pod.scheduling.unmodelled == ("podAffinity",)
    assert live.placement == (("n1", 2), ("n2", 1))
    assert live.hpa == LiveAutoscaler("web", 2, 6, 70)
    assert live.budgets == (DisruptionBudget("web", "2", None),)
    assert snapshot.lists("assistant")
    assert not snapshot.lists("other")


def test_a_bad_quantity_is_found_at_its_place() -> None:
    text = _SAMPLE.replace("memory: 6Gi}", "memory: 6GB}")

    assert _refused(text) == ["27:37 QTY-002 \"6GB\" has the unknown suffix 'GB'"]


def test_amounts_that_kubernetes_holds_are_no_faults_however_odd() -> None:
    snapshot, findings = _read(
        _SAMPLE.replace("requested: {cpu: 2100m, memory: 6Gi}", "requested: {cpu: 100u, memory: 400m}")
    )

    assert findings == ()
    assert snapshot is not None
    assert snapshot.nodes[0].requested == amounts(cpu="100u", memory="400m")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: n2", "id: n1", "SCH-009 the node n1 is listed twice"),
        ("pool: general", "pool: spot", "SCH-009 there is no node pool `spot`"),
        ("{n1: 2, n2: 1}", "{n1: 2, n9: 1}", "SCH-009 there is no node `n9`"),
        ("2025-01-15T03", "2025-13-15T03", 'SCH-005 "2025-13-15T03:00:00Z" is not a time'),
        ("count: 3", "count: 20000", "SCH-007 expected at most 20000 nodes, found 20001"),
        (
            "nodePools:\n",
            "nodePools:\n  - {name: a, current: 9, max: 100000}\n  - {name: b, current: 0, max: 20}\n",
            "SCH-007 expected pools that grow by at most 100000 nodes together, found 100017",
        ),
        ("cpu: 2100m, memory: 6Gi}", "cpu: -1, memory: 6Gi}", "QTY-001 -1 is negative"),
        ("cpu: 2100m, memory: 6Gi}", "cpu: 1e999999, memory: 6Gi}", 'QTY-001 "1e999999" has an exponent'),
        ("pods: 20", "pods: twenty", "SCH-003 pods: expected a whole number"),
        ("pool: general", "pool: '@team <img>'", 'SCH-005 pool: "@team <img>" is not a valid name'),
        ("name: general\n", "name: '[a](http://b)'\n", 'SCH-005 name: "[a](http://b)" is not a valid name'),
        ("topologyKey: topology", "topologyKey: a/@team/topology", "SCH-005 topologyKey:"),
        ("unschedulable: false", "unschedulabel: false", "SCH-002 unknown key `unschedulabel`"),
    ],
)
def test_what_a_snapshot_cannot_say_is_refused(old: str, new: str, message: str) -> None:
    assert old in _SAMPLE

    assert any(message in line for line in _refused(_SAMPLE.replace(old, new)))


def test_five_mebibytes_are_read_and_a_byte_more_is_not() -> None:
    filled = _SAMPLE + "#" * (limits.MAX_SNAPSHOT_BYTES - len(_SAMPLE.encode()))
    assert _read(filled)[1] == ()

    too_large = Source(_PATH, filled.encode(), limits.MAX_SNAPSHOT_BYTES + 1)
    assert [finding.rule for finding in read_snapshot(too_large, schema=_SCHEMA)[1]] == ["YML-001"]


def test_two_hundred_bad_quantities_end_in_fifty_findings_and_one_that_says_so() -> None:
    rows = (f"- {{id: n{i}, allocatable: {{cpu: x, memory: z, pods: 1}}, requested: {{}}, pods: 0}}" for i in range(99))
    text = 'metadata: {cluster: prod-eu, capturedAt: "2025-01-15T03:00:00Z"}\nnodes:\n' + "\n".join(rows)

    found = _refused(text)

    assert len(found) == 51
    assert "FIL-004 not checked any further after 50 faults" in found[-1]


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["1", "n1", {}, []])
    | st.builds(lambda: [1])  # a new one each time: a later step may replace what is in it
)


@st.composite
def _spoilt(draw: st.DrawFn) -> object:
    """The sample with some values replaced by others."""
    value: Any = yaml.safe_load(_SAMPLE)
    for _ in range(draw(st.integers(1, 4))):
        inner = value
        while isinstance(inner, (dict, list)) and inner:
            keys = sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))
            key = draw(st.sampled_from(keys))
            if not isinstance(inner[key], (dict, list)) or not inner[key] or draw(st.integers(0, 5)) == 0:
                inner[key] = draw(_SCALARS)
                break
            inner = inner[key]
    return value


@examples(60)
@given(value=_spoilt())
def test_a_spoilt_snapshot_is_read_or_refused_and_nothing_else(value: object) -> None:
    snapshot, findings = _read(yaml.safe_dump(value))

    assert (snapshot is None) == bool(findings)
    assert all(finding.position for finding in findings)
