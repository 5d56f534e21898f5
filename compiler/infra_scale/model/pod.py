"""Pod: resource needs and placement constraints of a pod template."""

from typing import Literal, NamedTuple

from infra_scale.model.quantity import Quantity
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import WorkloadRef

Amounts = tuple[tuple[str, Quantity], ...]
"""Quantities by the name of the resource, sorted by it, each name once."""
Labels = tuple[tuple[str, str], ...]
"""Sorted by key, each key once."""

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class PodContainer(NamedTuple):
    """One container of a pod template."""

    name: str
    requests: Amounts = ()
    limits: Amounts = ()
    is_sidecar: bool = False
    """Whether it is a restartable init container: it starts before the others and keeps running."""
    is_injected: bool = False
    """Whether admission adds it to each pod, such as the proxy of a service mesh: the template does not have it."""


class Requirement(NamedTuple):
    """A condition on one label."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


class Taint(NamedTuple):
    """A taint: blocks pods without a matching toleration."""

    key: str
    value: str
    effect: Effect


class Toleration(NamedTuple):
    """A toleration; None matches any."""

    key: str | None
    operator: Literal["Equal", "Exists"]
    value: str
    effect: Effect | None


class Spread(NamedTuple):
    """A topology spread constraint with whenUnsatisfiable DoNotSchedule."""

    topology_key: str
    max_skew: int
    others: tuple[WorkloadRef, ...] = ()
    """Other workloads whose pods its selector matches."""
    counts_own: bool = True
    """Whether its selector matches the pods of the workload itself."""
    honors_taints: bool = False
    """nodeTaintsPolicy Honor: a node with a taint that the pod does not tolerate makes no domain."""
    ignores_affinity: bool = False
    """nodeAffinityPolicy Ignore: nodes that the pod cannot run on are domains too."""
    is_per_revision: bool = False
    """Whether old and new pods of a rollout are counted apart (matchLabelKeys)."""


class Apart(NamedTuple):
    """Required anti-affinity: no pod of these workloads in the same domain, in either direction."""

    topology_key: str
    workloads: tuple[WorkloadRef, ...]
    """Sorted; the workload itself may be among them."""


Unmodelled = Literal[
    "podAffinity",
    "podAntiAffinity",
    "topologySpread",
    "hostPorts",
    "volumes",
    "schedulerName",
    "schedulingGates",
    "resourceClaims",
]


class Scheduling(NamedTuple):
    """The conditions that a node must meet."""

    node_selector: Labels = ()
    affinity: tuple[tuple[Requirement, ...], ...] = ()
    """Required node affinity: alternatives, each met if all its requirements are."""
    tolerations: tuple[Toleration, ...] = ()
    is_alone_on_host: bool = False
    """Required anti-affinity with its own pods on kubernetes.io/hostname: one pod a node."""
    spread: tuple[Spread, ...] = ()
    apart: tuple[Apart, ...] = ()
    """Any other required anti-affinity that follows from the workloads of the snapshot."""
    ports: tuple[str, ...] = ()
    """Ports of its node that a pod takes, such as TCP/8080, sorted."""
    unmodelled: tuple[Unmodelled, ...] = ()
    """Other requirements that are not modelled: fits would be a guess."""

    @property
    def is_one_per_host(self) -> bool:
        """Whether no two of its pods can share a node."""
        return self.is_alone_on_host or bool(self.ports)


class Pod(NamedTuple):
    """One pod of a workload, from its template."""

    containers: tuple[PodContainer, ...]
    init_containers: tuple[PodContainer, ...] = ()
    """In order: a sidecar counts together with those that follow it."""
    overhead: Amounts = ()
    """Of the RuntimeClass."""
    requests: Amounts = ()
    """Pod-level resources (spec.resources); if set, they decide about cpu and memory."""
    limits: Amounts = ()
    scheduling: Scheduling = Scheduling()
    priority_class: str | None = None
    is_terminating: bool = False
    """Whether activeDeadlineSeconds is set: the name is that of the quota scope."""
    has_cross_namespace_affinity: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Of its containers in the template, those that start before them left out."""
        return tuple(container.name for container in self.containers if not container.is_injected)


@tagged
class Billable(NamedTuple):
    """The billed requests of one pod: those of long-running containers."""

    cpu: Quantity
    """Cores."""
    memory: Quantity
    """Bytes."""
    gpus: int = 0
