"""What can be scaled: the kinds, and the reference to one workload."""

from typing import Literal, NamedTuple

Kind = Literal["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"]


class WorkloadRef(NamedTuple):
    """One workload of one namespace; its text is `Kind/name`."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"
