"""What the base manifests in the repository say of one workload."""

from typing import Literal, NamedTuple

from infra_scale.model.quantity import Resources


class Container(NamedTuple):
    """One container of a pod template, ordinary or a sidecar (a restartable init container)."""

    name: str
    requests: Resources
    limits: Resources
    is_sidecar: bool = False


class Budget(NamedTuple):
    """A PodDisruptionBudget: as written, a number or percent; None where it does not say it."""

    name: str
    min_available: str | None
    max_unavailable: str | None


Field = Literal["replicas", "parallelism", "suspend", "resources"]
"""What a request sets of a workload, as its manifest has it."""


class Overruling(NamedTuple):
    """A field of a workload that a kustomization changes after it has joined our Component: so what it says wins."""

    path: str
    """The kustomization file."""
    cluster: str
    """That of the Component."""
    field: Field
    verb: Literal["sets", "removes", "changes"]
    """changes: to what is not known, or not a number."""
    to: int | None = None
    """What is set."""
    container: str | None = None
    """Whose resources; None: it may be any."""


class Base(NamedTuple):
    """One workload, as a manifest declares it."""

    path: str
    """The file, from the root of the repository."""
    namespace: str | None
    """None where the file leaves it to whoever applies it."""
    built_namespace: str | None
    """What the build of the application's base has: what a patch of it and its autoscaler must carry."""
    api_version: str
    names: tuple[str, ...]
    """All that the workload has had in the build: that of the file first, the final one last."""
    replicas: int | None
    """spec.replicas; None where the file does not set it."""
    containers: tuple[Container, ...]
    default_container: str | None
    """The annotation kubectl.kubernetes.io/default-container."""
    init_names: tuple[str, ...] = ()
    """All init containers in their order, sidecars or not."""
    autoscalers: frozenset[str] = frozenset()
    """The kinds of autoscalers that the base itself has under the workload's name, in its namespace."""
    strategy: str | None = None
    """The type of the update strategy, such as Recreate; None: the default of the kind."""
    surge: str | None = None
    """maxSurge of a rolling update: a number or a percentage; None: the default of the kind."""
    unavailable: str | None = None
    """maxUnavailable of a rolling update, likewise."""
    partition: int | None = None
    """Of a StatefulSet: pods with a lower number keep their template; None: all get a new one."""
    is_parallel: bool = False
    """Of a StatefulSet: whether its pods start and stop all at once (podManagementPolicy Parallel)."""
    is_paused: bool = False
    """Of a Deployment: whether a new template waits until it is resumed."""
    is_suspended: bool = False
    """Of a Job: whether it is created suspended."""
    concurrency: str | None = None
    """Of a CronJob: concurrencyPolicy; None: the default, Allow."""
    initial: tuple[Container, ...] = ()
    """Init containers that end before the others start: they count for the QoS class."""
    has_pod_resources: bool = False
    """Whether the pod as a whole has requests or limits, which then decide alone."""
    labels: tuple[tuple[str, str], ...] = ()
    """Of its pods."""
    hpas: tuple[str, ...] = ()
    """Names of the HorizontalPodAutoscalers that the manifests aim at it."""
    scaled_objects: tuple[str, ...] = ()
    """Names of the ScaledObjects that the manifests aim at it."""
    budgets: tuple[Budget, ...] = ()
    """The PodDisruptionBudgets in the manifests that select its pods."""
    overrulings: tuple[Overruling, ...] = ()
    """What overlays change of it after our Component."""

    @property
    def name(self) -> str:
        """The name that is built."""
        return self.names[-1]

    @property
    def container_names(self) -> tuple[str, ...]:
        """Those of its ordinary containers, in their order."""
        return tuple(container.name for container in self.containers if not container.is_sidecar)


class Absence(NamedTuple):
    """Why the manifests of a target say nothing of a workload: they do not have it, or have more than one."""

    near: str
    """What they have and may be meant, in words; empty where nothing is like it."""
    several: tuple[str, ...] = ()
    """The files with those that may be meant, where there is more than one."""
