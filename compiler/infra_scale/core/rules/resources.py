"""Rules about requests and limits."""

from collections.abc import Iterator

from infra_scale.core.planning.containers import container_of, planned_containers
from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.core.rules.reservations import amount
from infra_scale.model.autoscaler import Resource
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity

TINY_MEMORY = Quantity.parse("4Mi")


@rule(
    "RES-001",
    "error",
    why="The API server refuses a container whose cpu or memory request is above its limit.",
    fix="lower the request or raise the limit",
    source="kubernetes/pkg/apis/core/validation/validation.go, validateResourceRequirements",
)
def request_above_limit(subject: Subject) -> Iterator[Hit]:
    """requests.cpu > limits.cpu, or the same for memory, together with what the base manifest keeps."""
    workload, base = subject.workload, subject.base
    chosen = container_of(workload, base)
    kept = next((one for one in planned_containers(workload, base) if one.name == chosen), None) if base else None
    requests = kept.requests if kept else workload.requests
    limits = kept.limits if kept else workload.limits
    if requests is None or limits is None or not (workload.requests or workload.limits):
        return
    for resource in _BOTH:
        requested, limit = amount(requests, resource), amount(limits, resource)
        if requested is not None and limit is not None and requested > limit:
            yield Hit(*_above(subject, resource, f"{requested} exceeds limit {limit}"))


_BOTH: tuple[Resource, ...] = ("cpu", "memory")


def _above(subject: Subject, resource: Resource, said: str) -> tuple[str, Route]:
    """The message, and the value of the request that it is about: the one that was asked for."""
    workload = subject.workload
    blocks = (("requests", workload.requests), ("limits", workload.limits))
    key, block = next((key, block) for key, block in blocks if block and amount(block, resource) is not None)
    name = "cpu" if resource == "cpu" or block is None else block.memory_key
    return f"{name} request {said} for {workload.ref}", (key, name)


@rule(
    "RES-006",
    "warning",
    why="Pods that use what they may, and not what they reserved, starve their neighbours on a full node.",
    fix="bring request and limit closer together",
    source="Kubernetes docs, Resource Management: how Pods with resource limits are run; the bounds are ours",
    thresholds={"cpu": 4, "memory": 2},
)
def overcommitted(subject: Subject) -> Iterator[Hit]:
    """limits.cpu > 4 times requests.cpu, or limits.mem > 2 times requests.mem."""
    workload = subject.workload
    if workload.requests is None or workload.limits is None:
        return
    most_cpu, most_memory = subject.thresholds["cpu"], subject.thresholds["memory"]
    for name, requested, limit, most in (
        ("cpu", workload.requests.cpu, workload.limits.cpu, most_cpu),
        (workload.limits.memory_key, workload.requests.memory, workload.limits.memory, most_memory),
    ):
        if requested is not None and limit is not None and limit.nano > most * requested.nano > 0:
            message = f"{name} limit {limit} of {workload.ref} is more than {most} times its request {requested}"
            yield Hit(message, ("limits", name))


@rule(
    "QTY-005",
    "warning",
    why="No container lives in less than 4Mi; almost always another unit was meant.",
    fix="write for example 512Mi",
    source="kubernetes.io, Resource Management: memory units; the bound is ours",
)
def tiny_memory(subject: Subject) -> Iterator[Hit]:
    """A memory request or limit below 4Mi."""
    workload = subject.workload
    for kind, resources in (("requests", workload.requests), ("limits", workload.limits)):
        if resources and resources.memory is not None and 0 < resources.memory.nano < TINY_MEMORY.nano:
            key = resources.memory_key
            yield Hit(f"{key} {resources.memory} of {workload.ref} is hardly enough to start", (kind, key))


@rule(
    "RES-002",
    "note",
    why="A container with a limit and no request gets the limit as its request: that much is reserved on a node.",
    fix="write the request, if it is to be less",
    source="kubernetes/pkg/apis/core/v1/defaults.go, SetDefaults_Pod",
)
def request_by_default(subject: Subject) -> Iterator[Hit]:
    """A limit without a request, where no base manifest shows one."""
    workload, base = subject.workload, subject.base
    planned = planned_containers(workload, base) if base else ()
    present = {container.name: container.requests for container in planned}
    requests = present.get(container_of(workload, base) or "", workload.requests)
    if workload.limits is None:
        return
    keys: tuple[tuple[Resource, str], ...] = (("cpu", "cpu"), ("memory", workload.limits.memory_key))
    for resource, key in keys:
        limit = amount(workload.limits, resource)
        if limit is not None and amount(requests, resource) is None:
            yield Hit(f"{key} request defaults to limit {limit} for {workload.ref}", ("limits", key))


@rule(
    "RES-004",
    "warning",
    why="Requests and limits stand in the pod template. Off by default: the consequences of every plan say it.",
    fix="apply it when a restart does no harm",
    source="Kubernetes docs, Deployments: updating a Deployment",
    is_on=False,
)
def all_restart(subject: Subject) -> Iterator[Hit]:
    """Requests or limits for a Deployment, StatefulSet or DaemonSet."""
    workload = subject.workload
    changes = workload.requests is not None or workload.limits is not None
    if changes and workload.ref.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        key = "requests" if workload.requests is not None else "limits"
        yield Hit(f"Resource change restarts all pods of {workload.ref} (rolling update).", (key,))


@rule(
    "RES-007",
    "note",
    why="Memory that a pod uses above its request is missing elsewhere on a full node. Off by default.",
    fix="set both to the same amount",
    source="Datree, EKS rule 82; kube-score, container-memory-requests-equal-limits",
    is_on=False,
)
def memory_apart(subject: Subject) -> Iterator[Hit]:
    """A memory request that differs from the memory limit."""
    workload = subject.workload
    if workload.requests is None or workload.limits is None:
        return
    requested, limit = workload.requests.memory, workload.limits.memory
    if requested is not None and limit is not None and requested < limit:
        message = f"memory request {requested} is below limit {limit} for {workload.ref}"
        yield Hit(message, ("limits", workload.limits.memory_key))


@rule(
    "RES-011",
    "note",
    why="A patch that names a container which the workload does not have would add one, so none is guessed.",
    fix="name the `container`, or the folder of the application's manifests in the target's `manifests`",
    source="kustomize: a strategic merge patch of a list merges by name, and appends what it does not find",
)
def unknown_container(subject: Subject) -> Iterator[Hit]:
    """Requests or limits for a container that neither the request nor a manifest names, on a target with clusters."""
    workload, base = subject.workload, subject.base
    if not subject.target.clusters or container_of(workload, base):
        return
    several = base is not None and sum(not container.is_sidecar for container in base.containers) > 1
    key = "requests" if workload.requests else "limits"
    if (workload.requests or workload.limits) and not several:
        message = f"container of {workload.ref} is not known: its resources are in the plan, and not rendered"
        tells = "name the `container`: the manifests that the target names do not tell it"
        yield Hit(message, (key,), help=tells if subject.target.manifests else "")
