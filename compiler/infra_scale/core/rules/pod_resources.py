"""Rules about requests and limits of a pod as a whole (spec.resources)."""

from collections.abc import Iterator

from infra_scale.core.capacity.admission import ResourceFault, resource_faults
from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.core.ruling.rollout_delta import Move, cause, moves


@rule(
    "RES-012",
    "error",
    why="If a pod as a whole has requests (spec.resources), its containers may not request more than it together, "
    "and it may not request more than its limit: the API server refuses such a template.",
    fix="lower the requests of the containers, or raise the request of the pod in its manifest",
    source="kubernetes/pkg/apis/core/validation/validation.go, validatePodResourceConsistency",
    needs="snapshot",
)
def containers_above_pod(subject: Subject) -> Iterator[Hit]:
    """Containers that together request more than their pod, or a pod that requests more than its limit."""
    yield from merged(
        (move.site, Hit(_beyond_pod(fault, subject), cause(subject, move)))
        for move, fault in _faults(subject)
        if fault.of in ("sum", "pod")
    )


def _beyond_pod(fault: ResourceFault, subject: Subject) -> str:
    if fault.of == "pod":
        beyond = f"{fault.found_text} of the pod exceeds its limit {fault.most_text}"
        return f"{fault.resource} request {beyond} for {subject.workload.ref}"
    together = f"{fault.resource} requests of all containers of {subject.workload.ref} are {fault.found_text} together"
    return f"{together}, more than the request {fault.most_text} of the pod"


@rule(
    "RES-013",
    "error",
    why="If a pod as a whole has a limit (spec.resources), none of its containers may have a higher one: the API "
    "server refuses such a template.",
    fix="lower the limit of the container, or raise the limit of the pod in its manifest",
    source="kubernetes/pkg/apis/core/validation/validation.go, validatePodResourceConsistency",
    needs="snapshot",
)
def limit_above_pod(subject: Subject) -> Iterator[Hit]:
    """A container with a limit above the limit of its pod."""
    yield from merged(
        (move.site, Hit(_beyond_limit(fault, subject), cause(subject, move)))
        for move, fault in _faults(subject)
        if fault.of == "limit"
    )


def _beyond_limit(fault: ResourceFault, subject: Subject) -> str:
    limit = f"{fault.resource} limit {fault.found_text} of container {fault.container} of {subject.workload.ref}"
    return f"{limit} exceeds the limit {fault.most_text} of the pod"


def _faults(subject: Subject) -> Iterator[tuple[Move, ResourceFault]]:
    for move in moves(subject):
        if move.is_news:
            yield from ((move, fault) for fault in resource_faults(move.load.pod))
