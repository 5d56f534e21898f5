"""ClusterSnapshot: nodes, quotas, limit ranges, live workloads, and the time of capture."""

from datetime import datetime
from typing import Literal, NamedTuple

from infra_scale.model.autoscaler import Resource
from infra_scale.model.pod import Amounts, Labels, Pod, Requirement, Taint
from infra_scale.model.workload import WorkloadRef

LimitType = Literal["Container", "Pod", "PersistentVolumeClaim"]


class NodeTemplate(NamedTuple):
    """A node as the cluster autoscaler would add it to a pool."""

    allocatable: Amounts
    """With `pods`."""
    overhead: Amounts
    """The requests of DaemonSet and static pods on it, with their number as `pods`."""
    labels: Labels
    taints: tuple[Taint, ...]


class NodePool(NamedTuple):
    """A group of nodes that scales as one."""

    name: str
    minimum: int | None
    maximum: int | None
    """The maximum number of nodes; None: unknown, so no growth is assumed. The API has no data on it."""
    current: int
    template: NodeTemplate | None
    """None: the size of a new node is unknown, so no growth is assumed."""

    @property
    def most(self) -> int:
        """The number of nodes that can be assumed."""
        return self.current if self.maximum is None else self.maximum


class Node(NamedTuple):
    """One node, or several identical nodes."""

    id: str
    pool: str | None
    is_unschedulable: bool
    allocatable: Amounts
    """With `pods`."""
    requested: Amounts
    """The sum over the pods that run on it."""
    pods: int
    """How many run on it."""
    labels: Labels
    taints: tuple[Taint, ...]
    times: int = 1
    """Number of nodes in this row."""
    ports: tuple[str, ...] = ()
    """Host ports used by pods of unlisted workloads, such as TCP/9100."""


class Quota(NamedTuple):
    """A ResourceQuota."""

    name: str
    hard: Amounts
    used: Amounts
    scopes: tuple[Requirement, ...] = ()
    """The pods that it is about meet all of them; the key is the scope's name."""


class Limit(NamedTuple):
    """One item of a LimitRange, before the API has filled in its defaults."""

    type: LimitType
    minimum: Amounts = ()
    maximum: Amounts = ()
    default: Amounts = ()
    default_request: Amounts = ()
    ratio: Amounts = ()
    """The largest limit in relation to the request."""


class LimitRange(NamedTuple):
    """A LimitRange."""

    name: str
    limits: tuple[Limit, ...]


class NamespaceState(NamedTuple):
    """Admission limits of a namespace."""

    name: str
    quotas: tuple[Quota, ...] = ()
    limit_ranges: tuple[LimitRange, ...] = ()


class Strategy(NamedTuple):
    """Update strategy of a workload; None: the kind's default."""

    type: str | None = None
    """RollingUpdate, Recreate or OnDelete."""
    max_surge: str | None = None
    """A number or a percentage, such as 25%."""
    max_unavailable: str | None = None
    partition: int | None = None
    """Of a StatefulSet: pods with a lower number keep their template."""


class LiveAutoscaler(NamedTuple):
    """The HPA or ScaledObject that sets the replicas of a live workload."""

    name: str
    minimum: int
    maximum: int
    target_cpu: int | None = None
    other_metrics: tuple[str, ...] = ()
    """Of an HPA: the metrics besides the cpu of its pods, such as External/queue_depth."""


class LiveVpa(NamedTuple):
    """The VerticalPodAutoscaler of a live workload."""

    name: str
    mode: str
    controlled: tuple[Resource, ...] = ("cpu", "memory")
    """What it sets of at least one container."""


class DisruptionBudget(NamedTuple):
    """A PodDisruptionBudget; each bound is a number or a percentage, and one of them is set."""

    name: str
    min_available: str | None
    max_unavailable: str | None


class LiveWorkload(NamedTuple):
    """A live workload."""

    ref: WorkloadRef
    replicas: int
    """Of a Job or CronJob: its parallelism."""
    pod: Pod
    strategy: Strategy = Strategy()
    placement: tuple[tuple[str, int], ...] = ()
    """How many of its pods run on a node, by the node's id."""
    hpa: LiveAutoscaler | None = None
    scaled_object: LiveAutoscaler | None = None
    vpa: LiveVpa | None = None
    budgets: tuple[DisruptionBudget, ...] = ()
    is_parallel: bool = False
    """Of a StatefulSet: whether its pods start and stop all at once, and not one after another."""
    drops_claims: bool = False
    """Of a StatefulSet: whether a pod that is scaled away takes the claims on its volumes with it."""
    is_paused: bool = False
    """Of a Deployment: whether a new template waits until it is resumed."""
    is_suspended: bool = False
    """Of a Job: whether it is suspended, and none of its pods is active."""
    resource_version: str | None = None
    generation: int | None = None
    existing: int | None = None
    """Pods that exist and have not ended, with and without a node; None: not in older snapshots."""
    scheduled: int | None = None
    """Those of them with a node; None: not in older snapshots."""
    controller: tuple[str, str] | None = None
    """Kind and name of the object that controls it, such as one of an operator."""
    claims: Amounts = ()
    """Of a StatefulSet: what the volume claims of one pod take of a quota."""


class Waiting(NamedTuple):
    """Pods without a node that belong to no listed workload."""

    times: int
    pod: Pod
    """With one container that represents all."""


class Gap(NamedTuple):
    """A kind that could not be read: its absence in the snapshot does not mean that there are no objects."""

    resource: str
    """The resource in kubectl, such as verticalpodautoscalers.autoscaling.k8s.io."""
    reason: str


class ClusterSnapshot(NamedTuple):
    """One cluster at one time."""

    cluster: str
    captured_at: datetime
    """RFC 3339, UTC, seconds."""
    pools: tuple[NodePool, ...] = ()
    nodes: tuple[Node, ...] = ()
    namespaces: tuple[NamespaceState, ...] = ()
    workloads: tuple[LiveWorkload, ...] = ()
    """Those of the namespaces that are managed."""
    kubernetes_version: str | None = None
    cluster_uid: str | None = None
    """A digest of the uid of kube-system, to detect another cluster."""
    gaps: tuple[Gap, ...] = ()
    """Kinds that could not be read, by resource."""
    waiting: tuple[Waiting, ...] = ()

    def namespace(self, name: str) -> NamespaceState:
        """The state of a namespace; an unlisted one has no limits."""
        return next((state for state in self.namespaces if state.name == name), NamespaceState(name))

    def workload(self, ref: WorkloadRef) -> LiveWorkload | None:
        """The live workload, or None if it is not in the snapshot."""
        return next((live for live in self.workloads if live.ref == ref), None)

    def lists(self, namespace: str) -> bool:
        """Whether the namespace was captured: then an unlisted workload does not exist."""
        return any(state.name == namespace for state in self.namespaces)
