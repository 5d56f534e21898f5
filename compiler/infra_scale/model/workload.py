"""What can be scaled: the kinds, and the reference to one workload."""

from typing import Literal, NamedTuple, get_args

Kind = Literal["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job", "CronJob"]


KINDS: tuple[Kind, ...] = get_args(Kind)
SCALABLE: tuple[Kind, ...] = ("Deployment", "StatefulSet", "ReplicaSet")
"""They have spec.replicas and the scale subresource, through which autoscalers act."""
BATCH: tuple[Kind, ...] = ("Job", "CronJob")
"""They run to an end: what is scaled is how many pods work at a time, and whether they work at all."""


class WorkloadRef(NamedTuple):
    """One workload of one namespace; its text is `Kind/name`."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def order(self) -> tuple[str, str, str]:
        """The key by which workloads are told: namespace, kind, name."""
        return self.namespace, self.kind, self.name
