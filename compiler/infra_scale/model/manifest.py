"""A workload as the manifests in the repository declare it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from infra_scale.model.position import Route
from infra_scale.model.quantity import Resources


class Container(NamedTuple):
    """One container of a pod template, ordinary or a sidecar (a restartable init container)."""

    name: str
    requests: Resources
    limits: Resources
    is_sidecar: bool = False


class Budget(NamedTuple):
    """A PodDisruptionBudget as written: numbers or percentages; None: not set."""

    name: str
    min_available: str | None
    max_unavailable: str | None


Field = Literal["replicas", "parallelism", "suspend", "resources"]
"""Fields of a workload that a request can set."""


class Overruling(NamedTuple):
    """A field that a kustomization changes after it adds our Component, so its value takes precedence."""

    path: str
    """The kustomization file."""
    cluster: str
    """That of the Component."""
    field: Field
    verb: Literal["sets", "removes", "changes"]
    """changes: to an unknown value, or not a number."""
    to: int | None = None
    """The field that is set."""
    container: str | None = None
    """Whose resources; None: it may be any."""


class Base(NamedTuple):
    """One workload, as a manifest declares it."""

    path: str
    """The file, from the root of the repository."""
    namespace: str | None
    """None if the file does not set it."""
    built_namespace: str | None
    """The name in the build of the application's base: patches and autoscalers must use it."""
    api_version: str
    names: tuple[str, ...]
    """All names of the workload in the build: that of the file first, the final one last."""
    replicas: int | None
    """spec.replicas; None if the file does not set it."""
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
    """maxUnavailable of a rolling update, in the same form."""
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
    """Whether the pod has pod-level requests or limits, which then take precedence."""
    labels: tuple[tuple[str, str], ...] = ()
    """Of its pods."""
    hpas: tuple[str, ...] = ()
    """Names of the HorizontalPodAutoscalers in the manifests that target it."""
    scaled_objects: tuple[str, ...] = ()
    """Names of the ScaledObjects in the manifests that target it."""
    budgets: tuple[Budget, ...] = ()
    """The PodDisruptionBudgets in the manifests that select its pods."""
    overrulings: tuple[Overruling, ...] = ()
    """Changes by overlays after our Component."""

    @property
    def name(self) -> str:
        """The name in the build."""
        return self.names[-1]

    @property
    def container_names(self) -> tuple[str, ...]:
        """Those of its ordinary containers, in their order."""
        return tuple(container.name for container in self.containers if not container.is_sidecar)


class Absence(NamedTuple):
    """Why the manifests of a target do not define a workload: it is missing or ambiguous."""

    near: str
    """Similar names, in words; empty if there are none."""
    several: tuple[str, ...] = ()
    """The files with the candidates, if there is more than one."""


Bases = Mapping[Route, Base | None]
"""The workloads of a request in the repository's manifests, by route."""
NO_BASES: Bases = {}
"""Manifests were not read."""
