"""What is scaled and where: kinds of workloads, a reference to one, and a cluster of a target."""

from typing import Literal, NamedTuple, Protocol, get_args

Kind = Literal["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job", "CronJob", "Rollout"]


KINDS: tuple[Kind, ...] = get_args(Kind)
SCALABLE: tuple[Kind, ...] = ("Deployment", "StatefulSet", "ReplicaSet", "Rollout")
"""They have spec.replicas and the scale subresource, which autoscalers use."""
BATCH: tuple[Kind, ...] = ("Job", "CronJob")
"""They run to completion: parallelism and suspend can be changed."""
CAPTURED: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "Rollout")
"""Those in a snapshot: the pods of a Rollout count as those of no listed workload."""
API_VERSIONS: dict[Kind, str] = {
    **dict.fromkeys(KINDS, "apps/v1"),
    **dict.fromkeys(BATCH, "batch/v1"),
    "Rollout": "argoproj.io/v1alpha1",
}
"""The version of each kind's API. A Rollout is one of Argo Rollouts."""


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

    @property
    def object_namespace(self) -> str:
        """The namespace of the object that our Component patches."""
        return self.namespace


class ReleaseRef(NamedTuple):
    """The HelmRelease whose values our Component patches for a workload; its text is `HelmRelease/name`."""

    kind: Literal["HelmRelease"]
    namespace: str
    """That of the workload: our Component is in its folder."""
    name: str
    object_namespace: str
    """That of the HelmRelease itself."""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class PatchedRef(Protocol):
    """The object that our Component patches: a workload or a HelmRelease."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def namespace(self) -> str:
        """The namespace of the workload."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def object_namespace(self) -> str:
        """Its own namespace."""


class Cluster(NamedTuple):
    """One cluster of a target."""

    name: str
    context: str
    """The kubectl context."""
    wave: int
    """Order of execution, from 0."""
    namespaces: tuple[str, ...] = ()
    """Namespaces with a rendered Component even without requests."""
    shared: bool = False
    """Whether another target may also have this cluster."""
    overlays: tuple[str, ...] = ()
    """Patterns of the folders that this cluster applies; empty: those that join a Component of the cluster."""
