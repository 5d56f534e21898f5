"""Rules about requests and limits."""

from collections.abc import Iterator

from infra_scale.core.planning.before import Before, container_of, not_rendered, planned_containers
from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.core.ruling.reservations import amount
from infra_scale.core.ruling.rollout_delta import Move, cause, moves
from infra_scale.model.autoscaler import Resource
from infra_scale.model.capacity import Site
from infra_scale.model.names import quoted
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.units import amount_text


@rule(
    "RES-001",
    "error",
    why="The API server refuses a container whose cpu or memory request is above its limit.",
    fix="lower the request or raise the limit",
    source="kubernetes/pkg/apis/core/validation/validation.go, validateResourceRequirements",
)
def request_above_limit(subject: Subject) -> Iterator[Hit]:
    """requests.cpu > limits.cpu, or the same for memory, with what manifest, running pods or a LimitRange set."""
    if subject.workload.requests or subject.workload.limits:
        yield from merged((site, hit) for site, planned in _planned(subject) for hit in _exceeding(subject, planned))
    yield from merged(
        (move.site, hit) for move in moves(subject) if move.is_news for hit in _above_default(subject, move)
    )


def _above_default(subject: Subject, move: Move) -> Iterator[Hit]:
    """Requests above the default limit that a LimitRange sets for every new pod."""
    from infra_scale.core.capacity.admission import resource_faults  # noqa: PLC0415 (only beside a snapshot)
    from infra_scale.core.capacity.limitrange import source_of_limit  # noqa: PLC0415 (only beside a snapshot)

    ranges = move.snapshot.namespace(move.live.ref.namespace).limit_ranges
    for fault in resource_faults(move.load.pod):
        name = fault.container
        if fault.of != "container" or name is None or _writes_limit(subject, move, name, fault.resource):
            continue
        source = source_of_limit(ranges, fault.resource)
        key, route = _requested(subject, move, name, fault.resource)
        exceeded = f"{key} request {fault.found_text} exceeds limit {fault.most_text}"
        said = f"{exceeded} for container {name} of {subject.workload.ref}"
        help = f"write limits.{key} for container {name}, or have the LimitRange changed"
        yield Hit(f"{said}: LimitRange {source} sets this limit as the default", route, help=help)


def _requested(subject: Subject, move: Move, container: str, resource: str) -> tuple[str, Route]:
    """The name of a resource, and the route of its value in the request."""
    workload = subject.workload
    is_meant = container_of(workload, subject.base, move.live.pod.names) == container
    if workload.requests and is_meant and any(_named(workload.requests, resource)):
        key = "cpu" if resource == "cpu" else workload.requests.memory_key
        return key, ("requests", key)
    return resource, cause(subject, move)


def _writes_limit(subject: Subject, move: Move, container: str, resource: str) -> bool:
    """Whether the request, the manifest or the running workload states the limit of a container."""
    workload, base = subject.workload, subject.base
    if base and base.containers:
        planned = next((one for one in planned_containers(workload, base) if one.name == container), None)
        return planned is not None and any(_named(planned.limits, resource))
    if container_of(workload, None, move.live.pod.names) == container and any(_named(workload.limits, resource)):
        return True
    every = (*move.live.pod.containers, *move.live.pod.init_containers)
    return any(one.name == container and resource in dict(one.limits) for one in every)


def _named(limits: Resources | None, resource: str) -> Iterator[Quantity]:
    for one in _BOTH:
        if one == resource and (quantity := amount(limits, one)) is not None:
            yield quantity


_Planned = tuple[Resources | None, Resources | None]
"""Requests and limits of the selected container."""


def _planned(subject: Subject) -> Iterator[tuple[Site | None, _Planned]]:
    """The resulting values, including those of the manifest; without a manifest, the running ones per cluster."""
    workload, base = subject.workload, subject.base
    chosen = container_of(workload, base)
    kept = next((one for one in planned_containers(workload, base) if one.name == chosen), None) if base else None
    running = [] if base else [(move.site, _running(subject, move)) for move in moves(subject)]
    known = [(site, planned) for site, planned in running if planned]
    yield from known
    if not known:
        yield None, (kept.requests, kept.limits) if kept else (workload.requests, workload.limits)


def _running(subject: Subject, move: Move) -> _Planned | None:
    """Without limits set by a LimitRange, which are reported separately."""
    chosen = container_of(subject.workload, None, move.live.pod.names)
    for one in (*move.load.pod.containers, *move.load.pod.init_containers):
        if one.name == chosen:
            written = ((name, limit) for name, limit in one.limits if _writes_limit(subject, move, one.name, name))
            requests, limits = dict(one.requests), dict(written)
            both = (Resources(some.get("cpu"), some.get("memory")) for some in (requests, limits))
            return next(both), next(both)
    return None


def _exceeding(subject: Subject, planned: _Planned) -> Iterator[Hit]:
    for resource in _BOTH:
        requested, limit = (amount(one, resource) for one in planned)
        if requested is not None and limit is not None and requested > limit:
            said = f"{amount_text(resource, requested)} exceeds limit {amount_text(resource, limit)}"
            yield Hit(*_above(subject, resource, said))


_BOTH: tuple[Resource, ...] = ("cpu", "memory")


def _above(subject: Subject, resource: Resource, said: str) -> tuple[str, Route]:
    """The message, and the route of the requested value."""
    workload = subject.workload
    blocks = (("requests", workload.requests), ("limits", workload.limits))
    key, block = next((key, block) for key, block in blocks if block and amount(block, resource) is not None)
    name = "cpu" if resource == "cpu" or block is None else block.memory_key
    return f"{name} request {said} for {workload.ref}", (key, name)


@rule(
    "RES-006",
    "warning",
    why="Pods that use their limits instead of their requests starve other pods on a full node.",
    fix="bring request and limit closer together",
    source="Kubernetes docs, Resource Management: how Pods with resource limits are run; our own thresholds",
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
            high, low = amount_text(name, limit), amount_text(name, requested)
            message = f"{name} limit {high} of {workload.ref} is more than {most} times its request {low}"
            yield Hit(message, ("limits", name))


@rule(
    "RES-002",
    "note",
    why="A container with a limit but no request gets the limit as its request: that much is reserved on a node.",
    fix="write the request if it should be lower",
    source="kubernetes/pkg/apis/core/v1/defaults.go, SetDefaults_Pod",
)
def request_by_default(subject: Subject) -> Iterator[Hit]:
    """A limit without a request, if neither manifest nor running pods show one."""
    workload, base = subject.workload, subject.base
    planned = planned_containers(workload, base) if base else ()
    present = {container.name: container.requests for container in planned}
    requests = present.get(container_of(workload, base) or "", workload.requests)
    if workload.limits is None:
        return
    keys: tuple[tuple[Resource, str], ...] = (("cpu", "cpu"), ("memory", workload.limits.memory_key))
    for resource, key in keys:
        limit = amount(workload.limits, resource)
        if limit is not None and amount(requests, resource) is None and not _is_kept(subject, resource):
            reserved = amount_text(resource, limit)
            yield Hit(f"{key} request defaults to limit {reserved} for {workload.ref}", ("limits", key))


def _is_kept(subject: Subject, resource: Resource) -> bool:
    """Whether the running container requests the resource, and no manifest differs."""
    running = [site.live.pod for site in subject.sites if site.live and not subject.base]
    chosen = ((pod, container_of(subject.workload, None, pod.names)) for pod in running)
    return any(one.name == name and resource in dict(one.requests) for pod, name in chosen for one in pod.containers)


@rule(
    "RES-004",
    "warning",
    why="Requests and limits are in the pod template. Off by default: the consequences of every plan list it.",
    fix="apply it when a restart is acceptable",
    source="Kubernetes docs, Deployments: updating a Deployment",
    is_on=False,
)
def all_restart(subject: Subject) -> Iterator[Hit]:
    """Requests or limits that change the pod template of a Deployment, StatefulSet or DaemonSet."""
    workload = subject.workload
    changes = workload.requests is not None or workload.limits is not None
    every = (Before(subject.base, site.live if site else None) for site in subject.sites or (None,))
    if (
        changes
        and workload.ref.kind in ("Deployment", "StatefulSet", "DaemonSet")
        and any(before.change(before.update(workload)).effect == "some" for before in every)
    ):
        key = "requests" if workload.requests is not None else "limits"
        yield Hit(f"Resource change restarts all pods of {workload.ref} (rolling update).", (key,))


@rule(
    "RES-007",
    "note",
    why="On a full node, other pods lack the memory that a pod uses above its request. Off by default.",
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
        low, high = amount_text("memory", requested), amount_text("memory", limit)
        message = f"memory request {low} is below limit {high} for {workload.ref}"
        yield Hit(message, ("limits", workload.limits.memory_key))


@rule(
    "RES-011",
    "note",
    why="A patch with the name of a missing container would add one, so names are not guessed.",
    fix="name the `container`, or the folder of the application's manifests in the target's `manifests`",
    source="kustomize: a strategic merge patch of a list merges by name, and appends items that it does not find",
)
def unknown_container(subject: Subject) -> Iterator[Hit]:
    """Requests or limits, for a cluster, of a container that is not named, or not in the manifest."""
    workload = subject.workload
    if subject.target.clusters and (workload.requests or workload.limits):
        route = ("requests" if workload.requests else "limits",)
        yield from _left_out(subject, route)


def _left_out(subject: Subject, route: Route) -> Iterator[Hit]:
    """The message if nothing is rendered; RES-008 and RES-009 refuse the request if it is certainly wrong."""
    workload, base = subject.workload, subject.base
    chosen = container_of(workload, base)
    reason = not_rendered(workload, chosen, base)
    if reason and chosen is None and (base is None or len(base.container_names) <= 1):
        message = f"container of {workload.ref} is unknown: its resources are in the plan but not rendered"
        yield Hit(message, route, help=_how_to_name(subject))
    elif reason and base is None:
        help = "add the folder of its manifest to the target's `manifests`"
        yield Hit(f"{reason}: its resources are in the plan but not rendered", route, help=help)
    elif reason and base and not base.containers:
        help = "list the container in the manifest"
        yield Hit(f"{reason}: its resources are in the plan but not rendered", route, "warning", help)


def _how_to_name(subject: Subject) -> str:
    if subject.unread:
        files = ", ".join(quoted(path, "a file with an unprintable name") for path in subject.unread)
        return f"name the `container`, or fix the files that could not be read: {files}"
    if subject.target.manifests:
        return "name the `container`: the target's manifests do not determine it"
    return ""
