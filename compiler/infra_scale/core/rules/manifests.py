"""Rules about the manifests of a target, and about overlays that override a request."""

from collections.abc import Iterator

from infra_scale.core.planning.before import amounts_of, container_of
from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.finding import Severity
from infra_scale.model.manifest import Overruling
from infra_scale.model.names import is_name, quoted
from infra_scale.model.position import Route


@rule(
    "MAN-005",
    "warning",
    why="kustomize applies components first, then an overlay's own `replicas` and patches, which override them.",
    fix="delete it there; with an autoscaler, use `handover: {from: replicas}`, whose steps keep the pods running",
    source="kustomize, api/internal/target/kusttarget.go: accumulateTarget",
)
def overruled(subject: Subject) -> Iterator[Hit]:
    """A kustomization that adds our Component and overrides a requested value."""
    clusters = [cluster.name for cluster in subject.target.clusters_of(subject.workload.cluster)]
    for one in subject.base.overrulings if subject.base else ():
        if one.cluster in clusters:
            yield from _hits(subject, one)


def _hits(subject: Subject, one: Overruling) -> Iterator[Hit]:
    workload, after = subject.workload, "after our Component"
    if one.field == "resources":
        if {*amounts_of(workload)} & {*one.amounts} and _is_same_container(subject, one):
            whose = f"container {one.container}" if one.container else "a container"
            what = f"{quoted(one.path, 'an overlay', one.line)} changes resources of {whose} of {workload.ref}"
            yield Hit(f"{what} {after}, which overrides it.", ("requests",) if workload.requests else ("limits",))
    elif one.field == "replicas" and subject.is_autoscaled:
        if one.verb != "removes":
            scaler = "HPA" if subject.hpa else "KEDA"
            message = f"{_said(subject, one)} {after}: Git and {scaler} will fight over them."
            yield Hit(message, ("hpa",) if subject.hpa else ("keda",))
    else:
        yield from _of_number(subject, one)


def _of_number(subject: Subject, one: Overruling) -> Iterator[Hit]:
    workload = subject.workload
    wanted = {"replicas": workload.replicas, "parallelism": workload.parallelism, "suspend": workload.suspend}
    asked = wanted.get(one.field)
    if asked is None or one.to == asked:
        return
    route: Route = (one.field,)
    if one.field == "replicas" and one.to is not None:
        yield Hit(f"{_said(subject, one)} after our Component has set {asked}: {one.to} will run.", route)
    else:
        yield Hit(f"{_said(subject, one)} after our Component, which overrides it.", route)


def _said(subject: Subject, one: Overruling) -> str:
    ref, where = subject.workload.ref, quoted(one.path, "an overlay", one.line)
    if one.field == "replicas" and one.to is not None:
        return f"{where} sets {one.to} replicas for {ref}"
    return f"{where} {one.verb if one.to is None else 'changes'} {one.field} of {ref}"


def _is_same_container(subject: Subject, one: Overruling) -> bool:
    chosen = container_of(subject.workload, subject.base)
    return one.container is None or chosen is None or one.container == chosen


_UNCHECKED = "and nothing is checked"


@rule(
    "MAN-006",
    "warning",
    why="Either the name is misspelt, or its manifests are elsewhere and nothing is checked against them. A patch of a "
    "workload that an overlay does not have fails the build of that overlay.",
    fix="fix the name, or add the folder of its manifests to the target's `manifests`",
    source="kustomize: no resource matches strategic merge patch",
)
def absent(subject: Subject) -> Iterator[Hit]:
    """A workload that the manifests of its target do not have, or build under another name."""
    ref, base, absence = subject.workload.ref, subject.base, subject.absence
    if base and base.built_name != ref.name:
        # Names that Kubernetes would refuse come from a template, or are meant for the reader of the plan.
        name = base.built_name if is_name(base.built_name) else "another name"
        message = f"{ref} is built as {name}, but commands of this plan use {ref.name}."
        yield Hit(message, ("name",), help=f"name it {name}" if name == base.built_name else "")
    if absence and absence.release and not absence.chart:
        message = (
            f"HelmRelease/{absence.release} may create {ref} from its chart: no Component reaches it, {_UNCHECKED}."
        )
        yield Hit(message, ("name",), help="name its workload and values in `helm` of the target")
    elif absence and not (absence.several or absence.unknown or absence.release):
        message = f"the manifests of target {subject.target.name} do not have {ref}: it is not checked against them."
        help = f"did you mean {absence.near}?" if absence.near else ""
        severity: Severity | None = ("error" if absence.is_complete else None) if absence.near else "note"
        yield Hit(message, ("name",), severity, help)


@rule(
    "MAN-007",
    "warning",
    why="The workload is ambiguous, so the request is not checked against either, and the output is the same as "
    "without manifests.",
    fix="list only one folder in the target's `manifests`, or set the namespace in each manifest",
    source="infra.scale, the layout of a repository",
)
def declared_twice(subject: Subject) -> Iterator[Hit]:
    """A workload that the manifests of its target declare or build in several ways."""
    absence, ref = subject.absence, subject.workload.ref
    if absence and absence.several:
        files = dict.fromkeys(absence.several)
        shown = [quoted(path, "a file with an unprintable name") for path in list(files)[:_FEW]]
        shown += [f"{len(files) - _FEW} more"] if len(files) > _FEW else []
        said = f"{_listed(shown)} declare {ref}" if len(files) > 1 else f"overlays build {ref} from {shown[0]}"
        yield Hit(f"{said} in different ways: it is not checked against them.", ("name",))


@rule(
    "MAN-008",
    "warning",
    why="What is unknown is not checked: an autoscaler, a budget or another value may conflict with the request.",
    fix="make it readable: list the folder that it names in `manifests`, or render it into a file",
    source="infra.scale, the layout of a repository",
)
def not_checked(subject: Subject) -> Iterator[Hit]:
    """A workload, or a field of it, that the manifests of its target may set in a way that is unknown."""
    absence, base, ref = subject.absence, subject.base, subject.workload.ref
    if absence and absence.unknown:
        message = f"{ref} is not checked against the manifests of target {subject.target.name}: {absence.unknown}."
        yield Hit(message, ("name",))
    for field, reason in base.unknown if base else ():
        if base and base.chart and field == "resources":
            message = (
                f"what Git does not set for {ref} is not checked: the defaults and templates of the chart are not read."
            )
            yield Hit(message, ("name",), "note")
        elif _matters(subject, field):
            yield Hit(f"{field} of {ref} in the manifests are unknown, so not checked: {reason}.", ("name",))


def _matters(subject: Subject, field: str) -> bool:
    """Whether a request depends on a field."""
    workload = subject.workload
    scales = workload.replicas is not None or subject.is_autoscaled
    resizes = workload.requests is not None or workload.limits is not None
    if field == "replicas":
        return scales
    if field in ("containers", "resources"):
        return resizes or subject.is_autoscaled or workload.vpa is not None
    return True


_FEW = 3


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
