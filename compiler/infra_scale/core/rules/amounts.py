"""Rules about amounts that are probably typos."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.quantity import Quantity

_TINY_MEMORY = Quantity.parse("4Mi")
_CORE = Quantity.parse("1")


@rule(
    "QTY-005",
    "warning",
    why="No container runs in less than 4Mi; a number without a suffix is bytes, so another unit was intended.",
    fix="write for example 512Mi",
    source="kubernetes.io, Resource Management: memory units; our own threshold",
)
def tiny_memory(subject: Subject) -> Iterator[Hit]:
    """A memory request or limit below 4Mi."""
    workload = subject.workload
    for kind, resources in (("requests", workload.requests), ("limits", workload.limits)):
        if resources and resources.memory is not None and 0 < resources.memory.nano < _TINY_MEMORY.nano:
            key, written = resources.memory_key, str(resources.memory)
            size = "" if written.endswith("i") else f"{resources.memory.units():,} bytes, "
            yield Hit(
                f"{key} {written} of {workload.ref} is {size}hardly enough to start",
                (kind, key),
                help=_with_a_unit(written),
            )


def _with_a_unit(written: str) -> str:
    """A number without a suffix usually means Mi, and a small one Gi."""
    if not written.isdecimal():
        return ""
    several = f"{written}Gi or {written}Mi" if int(written) < _SMALL else f"{written}Mi"
    return f"a number without a suffix is bytes; write {several}"


_SMALL = 64


@rule(
    "QTY-006",
    "warning",
    why="Few nodes have that many, and 500 without `m` is 500 cores for each pod.",
    fix="write for example 500m, which is half a core",
    source="kubernetes.io, Resource Management: CPU resource units; our own threshold",
    thresholds={"cores": 64},
)
def huge_cpu(subject: Subject) -> Iterator[Hit]:
    """A cpu request or limit of more than 64 cores."""
    workload = subject.workload
    for kind, resources in (("requests", workload.requests), ("limits", workload.limits)):
        if resources and resources.cpu is not None and resources.cpu.nano > subject.thresholds["cores"] * _CORE.nano:
            cores = resources.cpu.nano // _CORE.nano
            yield Hit(f"cpu {resources.cpu} of {workload.ref} is {cores} cores for each pod", (kind, "cpu"))
