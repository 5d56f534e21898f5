"""Rules about our Component of a workload in the builds of its clusters."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, rule


@rule(
    "MAN-009",
    "warning",
    why="A rendered Component has an effect only in a build that joins it. An autoscaler that moves out of "
    "the base is deleted in the cluster if no overlay joins the Component.",
    fix="add the Component to the `components` of the overlay: `infra-scale wire`",
    source="kustomize: components of a kustomization",
)
def unjoined(subject: Subject) -> Iterator[Hit]:
    """A workload that an overlay builds for a cluster, without our Component of it."""
    for fault in subject.faults:
        if fault.kind == "unjoined":
            yield Hit(f"{fault.what}.", ("name",), "error" if fault.is_certain else None, fault.fix)


@rule(
    "MAN-010",
    "error",
    why="kustomize refuses a patch without its object, so the whole overlay can no longer be built.",
    fix="join the Components of single workloads instead of that of their namespace",
    source="kustomize: no resource matches strategic merge patch",
)
def breaking(subject: Subject) -> Iterator[Hit]:
    """A workload whose Component an overlay joins, directly or with that of the namespace, and does not build."""
    for fault in subject.faults:
        if fault.kind == "breaks":
            yield Hit(f"{fault.what}: its build would fail.", ("name",), help=fault.fix)
        elif fault.kind == "stranded":
            message = f"{fault.what}, nor does another overlay: it is in the plan but not rendered."
            help = "fix the name, or add the folder of its manifests to the target's `manifests`"
            yield Hit(message, ("name",), "warning", help)


@rule(
    "MAN-011",
    "error",
    why="The application could no longer be built, and nothing of it would be applied.",
    fix="change what the finding names",
    source="kustomize: the errors of a build",
)
def refused(subject: Subject) -> Iterator[Hit]:
    """A build that joins a rendered Component, which kustomize refuses with it and builds without it."""
    yield from _of_kind(subject, "refused")


@rule(
    "MAN-012",
    "warning",
    why="An overlay, an Application or a Flux Kustomization changes it after the Component, so it is not applied.",
    fix="delete it there, or change the request",
    source="kustomize, api/internal/target/kusttarget.go: accumulateTarget",
)
def changed(subject: Subject) -> Iterator[Hit]:
    """A value that a rendered Component sets, and that a build which joins it holds otherwise."""
    yield from _of_kind(subject, "changed")


@rule(
    "MAN-013",
    "warning",
    why="What cannot be built offline may change the values of the Component, or conflict with it.",
    fix="make it readable: vendor it into the repository, or check the overlay with `kubectl kustomize`",
    source="infra.scale, what a plan promises reaches the cluster",
)
def unchecked(subject: Subject) -> Iterator[Hit]:
    """A build that joins a rendered Component and has parts that are unknown."""
    yield from _of_kind(subject, "unchecked")


def _of_kind(subject: Subject, kind: str) -> Iterator[Hit]:
    for fault in subject.faults:
        if fault.kind == kind:
            yield Hit(f"{fault.what}.", ("name",), help=fault.fix)
