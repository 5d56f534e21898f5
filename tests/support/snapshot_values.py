"""Any ClusterSnapshot, as hypothesis draws it: what a reader gives back, and nothing else."""

from collections.abc import Sequence
from datetime import UTC
from typing import get_args

from hypothesis import strategies as st

from infra_scale.model.pod import (
    Amounts,
    Apart,
    Effect,
    Labels,
    Operator,
    Pod,
    PodContainer,
    Requirement,
    Scheduling,
    Spread,
    Taint,
    Toleration,
    Unmodelled,
)
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import (
    ClusterSnapshot,
    DisruptionBudget,
    Gap,
    Limit,
    LimitRange,
    LimitType,
    LiveAutoscaler,
    LiveVpa,
    LiveWorkload,
    NamespaceState,
    Node,
    NodePool,
    NodeTemplate,
    Quota,
    Strategy,
    Waiting,
)
from infra_scale.model.workload import CAPTURED, WorkloadRef
from support.formats import CPU, LABELS, MEMORY, NAMES, NUMBERS, TEXTS

_COUNTS = st.integers(0, 1000)
_QUANTITIES = CPU | MEMORY | st.sampled_from(["400m", "1e3", "8E", "1n"]).map(Quantity.parse)
_RESOURCES = st.sampled_from(["cpu", "memory", "nvidia.com/gpu", "requests.cpu", "0"])
_SCOPES = st.sampled_from(["Terminating", "BestEffort", "PriorityClass"])
_WORDS = TEXTS.filter(lambda text: "\n" not in text)


def _several(strategy: st.SearchStrategy, most: int = 2) -> st.SearchStrategy[tuple]:  # type: ignore[type-arg]
    return st.lists(strategy, max_size=most).map(tuple)


def _sorted(drawn: dict[str, str]) -> Labels:
    return tuple(sorted(drawn.items()))


_AMOUNTS: st.SearchStrategy[Amounts] = st.dictionaries(_RESOURCES, _QUANTITIES, max_size=3).map(
    lambda one: tuple(sorted(one.items()))
)
_CAPACITIES: st.SearchStrategy[Amounts] = st.tuples(CPU, MEMORY, st.integers(0, 110)).map(
    lambda one: (("cpu", one[0]), ("memory", one[1]), ("pods", Quantity.parse(str(one[2]))))
)
_LABELS = st.dictionaries(st.sampled_from(["app", "y", "kubernetes.io/os"]), _WORDS | st.just(""), max_size=2).map(
    _sorted
)
_TAINTS = st.builds(Taint, TEXTS, _WORDS | st.just(""), st.sampled_from(get_args(Effect)))
_PORTS = _several(st.sampled_from(["TCP/80", "UDP/53"]))
_TEMPLATES = st.builds(NodeTemplate, _CAPACITIES, _AMOUNTS, _LABELS, _several(_TAINTS))
_POOLS = st.lists(
    st.builds(
        NodePool,
        name=LABELS,
        minimum=st.none() | _COUNTS,
        maximum=st.none() | _COUNTS,
        current=_COUNTS,
        template=st.none() | _TEMPLATES,
    ),
    unique_by=lambda pool: pool.name,
    max_size=2,
)
_REQUIREMENTS = st.builds(Requirement, TEXTS, st.sampled_from(get_args(Operator)), _several(TEXTS))
_TOLERATIONS = st.builds(
    Toleration,
    key=st.none() | TEXTS,
    operator=st.sampled_from(["Equal", "Exists"]),
    value=_WORDS | st.just(""),
    effect=st.sampled_from([None, *get_args(Effect)]),
)


def _refs(namespace: str) -> st.SearchStrategy[tuple[WorkloadRef, ...]]:
    return _several(st.builds(WorkloadRef, st.sampled_from(CAPTURED), st.just(namespace), NAMES))


def _schedulings(namespace: str) -> st.SearchStrategy[Scheduling]:
    keys = st.sampled_from(["kubernetes.io/hostname", "zone"])
    return st.builds(
        Scheduling,
        node_selector=_LABELS,
        affinity=_several(_several(_REQUIREMENTS)),
        tolerations=_several(_TOLERATIONS),
        is_alone_on_host=st.booleans(),
        spread=_several(st.builds(Spread, keys, st.integers(1, 9), _refs(namespace))),
        apart=_several(st.builds(Apart, keys, _refs(namespace))),
        ports=_PORTS,
        unmodelled=st.sets(st.sampled_from(get_args(Unmodelled))).map(
            lambda drawn: tuple(one for one in get_args(Unmodelled) if one in drawn)
        ),
    )


_CONTAINERS = st.builds(PodContainer, LABELS, _AMOUNTS, _AMOUNTS, st.just(value=False), st.booleans())
_INIT_CONTAINERS = st.builds(
    PodContainer, LABELS, _AMOUNTS, _AMOUNTS, is_sidecar=st.booleans(), is_injected=st.booleans()
)


def _pods(namespace: str) -> st.SearchStrategy[Pod]:
    return st.builds(
        Pod,
        containers=st.lists(_CONTAINERS, min_size=1, max_size=2).map(tuple),
        init_containers=_several(_INIT_CONTAINERS),
        overhead=_AMOUNTS,
        requests=_AMOUNTS,
        limits=_AMOUNTS,
        scheduling=_schedulings(namespace),
        priority_class=st.none() | _WORDS,
    )


_BOUNDS = st.none() | st.sampled_from(["0", "1", "25%"])
_SCALERS = st.none() | st.builds(LiveAutoscaler, NAMES, NUMBERS, NUMBERS, st.none() | st.integers(1, 100), st.just(()))
_METRICS = _several(st.sampled_from(["External/queue_depth", "Pods"]))
_HPAS = st.none() | st.builds(LiveAutoscaler, NAMES, NUMBERS, NUMBERS, st.none() | st.integers(1, 100), _METRICS)
_CONTROLLED = st.sampled_from([("cpu", "memory"), ("cpu",), ("memory",), ()])
_VPAS = st.none() | st.builds(LiveVpa, NAMES, st.sampled_from(["Off", "Auto", "InPlace"]), _CONTROLLED)


def _workloads(nodes: Sequence[Node], namespace: str) -> st.SearchStrategy[LiveWorkload]:
    ids = st.sampled_from([node.id for node in nodes] or [""])
    placement = st.dictionaries(ids, _COUNTS, max_size=len(nodes)).map(lambda one: (*one.items(),))
    return st.builds(
        LiveWorkload,
        ref=st.builds(WorkloadRef, st.sampled_from(CAPTURED), st.just(namespace), NAMES),
        replicas=NUMBERS,
        pod=_pods(namespace),
        strategy=st.builds(Strategy, st.sampled_from([None, "Recreate"]), _BOUNDS, _BOUNDS, st.none() | NUMBERS),
        placement=placement,
        hpa=_HPAS,
        scaled_object=_SCALERS,
        vpa=_VPAS,
        budgets=_several(st.builds(DisruptionBudget, NAMES, _BOUNDS, _BOUNDS)),
        resource_version=st.none() | LABELS,
        generation=st.none() | NUMBERS,
        existing=st.none() | NUMBERS,
        scheduled=st.none() | NUMBERS,
        claims=_AMOUNTS,
        controller=st.none() | st.tuples(st.sampled_from(["Prometheus", "Kafka"]), NAMES),
    )


_QUOTAS = st.builds(
    Quota,
    NAMES,
    _AMOUNTS,
    _AMOUNTS,
    scopes=st.tuples(
        _several(_SCOPES.map(lambda scope: Requirement(scope, "Exists"))),
        _several(st.builds(Requirement, _SCOPES, st.sampled_from(["In", "NotIn"]), _several(TEXTS))),
    ).map(lambda parts: (*parts[0], *parts[1])),
)
_LIMITS = st.builds(Limit, st.sampled_from(get_args(LimitType)), _AMOUNTS, _AMOUNTS, _AMOUNTS, _AMOUNTS, ratio=_AMOUNTS)
_NAMESPACES = st.builds(
    NamespaceState, LABELS, _several(_QUOTAS), _several(st.builds(LimitRange, NAMES, _several(_LIMITS)))
)


@st.composite
def _nodes(draw: st.DrawFn, pools: Sequence[NodePool]) -> list[Node]:
    pool = st.none() | st.sampled_from([one.name for one in pools]) if pools else st.none()
    one = st.builds(
        Node,
        id=st.sampled_from(["n1", "n2", "1e9", "0"]),
        pool=pool,
        is_unschedulable=st.booleans(),
        allocatable=_CAPACITIES,
        requested=_AMOUNTS,
        pods=_COUNTS,
        labels=_LABELS,
        taints=_several(_TAINTS),
        times=st.integers(1, 9),
        ports=_PORTS,
    )
    return draw(st.lists(one, unique_by=lambda node: node.id, max_size=2))


@st.composite
def snapshots(draw: st.DrawFn) -> ClusterSnapshot:
    """A snapshot whose parts refer to each other as the reader demands it."""
    pools, namespace = draw(_POOLS), draw(LABELS)
    nodes = draw(_nodes(pools))
    workloads = st.lists(_workloads(nodes, namespace), unique_by=lambda live: live.ref, max_size=2)
    waiting = _AMOUNTS.map(lambda amounts: PodContainer("pod", amounts))
    return ClusterSnapshot(
        cluster=draw(LABELS),
        captured_at=draw(st.datetimes().map(lambda time: time.replace(microsecond=0, tzinfo=UTC))),
        pools=tuple(pools),
        nodes=tuple(nodes),
        namespaces=draw(st.lists(_NAMESPACES, unique_by=lambda one: one.name, max_size=2).map(tuple)),
        workloads=draw(workloads.map(tuple)),
        kubernetes_version=draw(st.none() | _WORDS),
        cluster_uid=draw(st.none() | _WORDS),
        gaps=draw(_several(st.builds(Gap, TEXTS, TEXTS))),
        waiting=draw(
            _several(
                st.builds(
                    Waiting,
                    st.integers(1, 10**6),
                    st.tuples(waiting, _LABELS, _several(_TOLERATIONS)).map(
                        lambda one: Pod((one[0],), scheduling=Scheduling(one[1], tolerations=one[2]))
                    ),
                )
            )
        ),
    )
