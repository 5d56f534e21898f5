"""A workload as the manifests in the repository declare it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from infra_scale.model.helm import ChartWorkload
from infra_scale.model.position import Route
from infra_scale.model.quantity import Resources


class Container(NamedTuple):
    """One container of a pod template, ordinary or a sidecar (a restartable init container)."""

    name: str
    requests: Resources
    limits: Resources
    is_sidecar: bool = False
    unknown: frozenset[str] = frozenset()
    """The amounts that are set to unknown values, such as requests.cpu."""


class Budget(NamedTuple):
    """A PodDisruptionBudget as written: numbers or percentages; None: not set."""

    name: str
    min_available: str | None
    max_unavailable: str | None


Field = Literal["replicas", "parallelism", "suspend", "resources"]
"""Fields of a workload that a request can set."""


Verb = Literal["sets", "removes", "changes"]


class Overruling(NamedTuple):
    """A field that a build changes after it adds our Component, so its value takes precedence."""

    path: str
    """The file that does: a kustomization, or a patch."""
    cluster: str
    """That of the Component."""
    field: Field
    verb: Verb
    """changes: to an unknown value, or not a number."""
    to: int | None = None
    """The field that is set."""
    container: str | None = None
    """Whose resources; None: it may be any."""
    amounts: tuple[str, ...] = ()
    """Which of them, such as limits.cpu."""
    line: int = 0
    """That of the file; 0: unknown."""


class Base(NamedTuple):
    """One workload, as the manifests build it without our Component, at the place where that is added."""

    path: str
    """The file that declares it, from the root of the repository."""
    name: str
    """Its name at that place."""
    built_name: str
    """Its name in the cluster: later prefixes may change it."""
    built_namespace: str | None
    """The namespace at that place, which objects beside it must have; None if there is none yet."""
    patch_name: str
    """The name by which a patch at that place finds it."""
    patch_namespace: str | None
    """The namespace by which a patch at that place finds it."""
    api_version: str
    replicas: int | None
    """spec.replicas; None if nothing sets it, or if it is unknown."""
    replicas_path: str
    """The file that sets replicas."""
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
    rollout: str = ""
    """The name of an Argo Rollout that takes its pods from it (spec.workloadRef)."""
    overrulings: tuple[Overruling, ...] = ()
    """Changes by overlays after our Component."""
    unknown: tuple[tuple[str, str], ...] = ()
    """The fields whose values are unknown, each with the reason."""
    patch_target: tuple[tuple[str, str], ...] = ()
    """The `target` of a patch at that place, if no name and namespace alone find it."""
    blocks: tuple[tuple[str, str], ...] = ()
    """Of a Rollout: each container with a map that it has: resources, requests or limits."""
    starting_deadline: int | None = None
    """Of a CronJob: startingDeadlineSeconds; None: not set."""
    pods_from: str = ""
    """Of a Rollout: Kind/name of the workload whose pod template it uses (spec.workloadRef)."""
    chart: ChartWorkload | None = None
    """The chart that renders it; its fields are then values in Git."""

    def why_unknown(self, field: str) -> str:
        """Why the value of a field is unknown; empty if it is known."""
        return dict(self.unknown).get(field, "")

    @property
    def knows_containers(self) -> bool:
        """Whether its containers are known, or that it has none."""
        return not self.why_unknown("containers")

    @property
    def container_names(self) -> tuple[str, ...]:
        """Those of its ordinary containers, in their order."""
        return tuple(container.name for container in self.containers if not container.is_sidecar)


class Absence(NamedTuple):
    """Why the manifests of a target do not define a workload: it is missing, ambiguous or unknown."""

    near: str
    """Similar names, in words; empty if there are none."""
    several: tuple[str, ...] = ()
    """The files with the candidates, if there is more than one."""
    is_complete: bool = False
    """Whether all objects of the manifests are known."""
    unknown: str = ""
    """Why it is unknown whether the manifests have it."""
    release: str = ""
    """A HelmRelease whose chart may create it."""
    chart: str = ""
    """The chart of that release, if it creates the workload by the naming rules of Helm."""


class Fault(NamedTuple):
    """Why our Component of a workload does not reach a build, breaks it, or has another effect there."""

    kind: Literal[
        "unjoined", "breaks", "stranded", "owned", "refused", "changed", "unchecked", "overridden", "contradicts"
    ]
    """stranded: it would break an overlay that joins its namespace, and no overlay builds its workload. owned: the
    manifests have an autoscaler of its name; `what` is the kind. refused, changed, unchecked: about a build with the
    rendered Component. overridden, contradicts: about values of a Helm release.
    """  # fmt: skip
    cluster: str
    what: str
    fix: str
    is_certain: bool = False
    """Whether an autoscaler would be missing in a build that is known to be deployed."""
    key: str = "name"
    """The key of the workload in the request."""


Faults = Mapping[Route, tuple[Fault, ...]]
"""The faults of the builds with rendered Components, by the route of the workload."""
NO_FAULTS: Faults = {}
Bases = Mapping[Route, Base | None]
"""The workloads of a request in the repository's manifests, by route."""
NO_BASES: Bases = {}
"""Manifests were not read."""
