"""Rules about requests and limits."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, rule
from infra_scale.model.quantity import Quantity
from infra_scale.model.request import ScaleRequest, Workload


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
