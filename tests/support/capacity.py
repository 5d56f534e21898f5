"""Clusters, pods and demands in few words, for tests of capacity."""

from datetime import UTC, datetime

from infra_scale.core.capacity.demand import Demand
from infra_scale.model.capacity import Bounds
from infra_scale.model.pod import Amounts, Pod, PodContainer, Scheduling
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import ClusterSnapshot, Node, NodePool, NodeTemplate, Strategy
from infra_scale.model.workload import KINDS, WorkloadRef

CAPTURED = datetime(2025, 1, 15, 3, tzinfo=UTC)


def amounts(**by_name: str) -> Amounts:
    """`requests_cpu="1"` is requests.cpu: 1."""
    return tuple(sorted((name.replace("_", "."), Quantity.parse(text)) for name, text in by_name.items()))


def container(name: str = "app", requests: Amounts = (), limits: Amounts = ()) -> PodContainer:
    """A container."""
    return PodContainer(name, requests, limits)


def pod(cpu: str = "500m", memory: str = "1Gi", scheduling: Scheduling | None = None) -> Pod:
    """A pod with one container that requests as much."""
    return Pod((container(requests=amounts(cpu=cpu, memory=memory)),), scheduling=scheduling or Scheduling())


def node(id: str, cpu: str, memory: str, *, pods: int = 110, used: tuple[str, str, int] = ("0", "0", 0)) -> Node:
    """A node, and cpu, memory and number of what runs on it."""
    allocatable = amounts(cpu=cpu, memory=memory, pods=str(pods))
    return Node(id, "general", False, allocatable, amounts(cpu=used[0], memory=used[1]), used[2], (), ())  # noqa: FBT003


def pool(current: int, maximum: int, cpu: str = "4", memory: str = "12Gi", name: str = "general") -> NodePool:
    """A pool whose further nodes are empty."""
    template = NodeTemplate(amounts(cpu=cpu, memory=memory, pods="110"), (), (), ())
    return NodePool(name, 0, maximum, current, template)


def cluster(*nodes: Node, pools: tuple[NodePool, ...] = ()) -> ClusterSnapshot:
    """A snapshot of prod-eu."""
    return ClusterSnapshot("prod-eu", CAPTURED, pools, nodes)


def ref(name: str = "web", kind: str = "Deployment", namespace: str = "assistant") -> WorkloadRef:
    """Deployment/web of the namespace assistant, or another."""
    return WorkloadRef(next(known for known in KINDS if known == kind), namespace, name)


def demand(
    before: int | None,
    after: int | None,
    *,
    name: str = "web",
    new: Pod | None = None,
    old: Pod | None = None,
    hpa: tuple[int, int] | None = None,
    placement: tuple[tuple[str, int], ...] = (),
    kind: str = "Deployment",
    strategy: Strategy | None = None,
) -> Demand:
    """A demand; without `old` its pods stay as they are."""
    pods = new or pod()
    return Demand(
        ref(name, kind),
        before,
        after,
        (old or pods) if before else None,
        pods,
        Bounds(*hpa) if hpa else None,
        strategy or Strategy(),
        placement,
        before,
        before,
    )


HEADLINE = cluster(
    node("n1", "3920m", "12Gi", used=("2100m", "6Gi", 20)),
    node("n2", "3920m", "12Gi", used=("3700m", "3Gi", 30)),
    node("n3", "3920m", "12Gi", used=("1000m", "11Gi", 12)),
    node("n4", "1930m", "6Gi", pods=8, used=("100m", "256Mi", 7)),
)
"""13 pods of 500m and 1Gi by the sum of what is free, 5 by node."""
