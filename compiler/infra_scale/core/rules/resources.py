"""Rules about requests and limits."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, rule
from infra_scale.model.quantity import Quantity
from infra_scale.model.request import ScaleRequest, Workload

MOST_CPU, MOST_MEMORY = 4, 2
"""Times the request: a limit above is reported. CPU is taken away again, memory only with the pod."""
TINY_MEMORY = Quantity.parse("4Mi")


@rule(
    "RES-001",
    "error",
    why="The API server refuses a container whose cpu or memory request is above its limit.",
    fix="lower the request or raise the limit",
    source="kubernetes/pkg/apis/core/validation/validation.go, validateResourceRequirements",
)
def request_above_limit(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """requests.cpu > limits.cpu, or the same for memory."""
    del request
    if workload.requests is None or workload.limits is None:
        return
    pairs: tuple[tuple[str, Quantity | None, Quantity | None], ...] = (
        ("cpu", workload.requests.cpu, workload.limits.cpu),
        (workload.requests.memory_key, workload.requests.memory, workload.limits.memory),
    )
    for name, requested, limit in pairs:
        if requested is not None and limit is not None and requested > limit:
            yield Hit(f"{name} request {requested} exceeds limit {limit} for {workload.ref}", ("requests", name))


@rule(
    "RES-006",
    "warning",
    why="Pods that use what they may, and not what they reserved, starve their neighbours on a full node.",
    fix="bring request and limit closer together",
    source="Kubernetes docs, Resource Management: how Pods with resource limits are run; the bounds are ours",
)
def overcommitted(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """limits.cpu > 4 times requests.cpu, or limits.mem > 2 times requests.mem."""
    del request
    if workload.requests is None or workload.limits is None:
        return
    for name, requested, limit, most in (
        ("cpu", workload.requests.cpu, workload.limits.cpu, MOST_CPU),
        (workload.limits.memory_key, workload.requests.memory, workload.limits.memory, MOST_MEMORY),
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
def tiny_memory(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """A memory request or limit below 4Mi."""
    del request
    for kind, resources in (("requests", workload.requests), ("limits", workload.limits)):
        if resources and resources.memory is not None and 0 < resources.memory.nano < TINY_MEMORY.nano:
            key = resources.memory_key
            yield Hit(f"{key} {resources.memory} of {workload.ref} is hardly enough to start", (kind, key))
