"""What can be scaled: the kinds, and the reference to one workload."""

from typing import Literal, NamedTuple, get_args

Kind = Literal["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job", "CronJob"]


KINDS: tuple[Kind, ...] = get_args(Kind)
SCALABLE: tuple[Kind, ...] = ("Deployment", "StatefulSet", "ReplicaSet")
"""They have spec.replicas and the scale subresource, which autoscalers use."""
BATCH: tuple[Kind, ...] = ("Job", "CronJob")
"""They run to completion: parallelism and suspend can be changed."""


class WorkloadRef(NamedTuple):
    """One workload of one namespace; its text is `Kind/name`."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def order(self) -> tuple[str, str, str]:
        """The sort key: namespace, kind, name."""
        return self.namespace, self.kind, self.name
