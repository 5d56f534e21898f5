"""Rules about competing autoscalers: in the manifests, or in a cluster with a snapshot."""

from collections.abc import Iterator, Sequence

from infra_scale.core.planning.actions import removed
from infra_scale.core.planning.ownership import sets_replicas
from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.model.action import AUTOSCALER_KINDS, NOUNS, Autoscaler
from infra_scale.model.capacity import Site
from infra_scale.model.names import quoted


@rule(
    "HPA-011",
    "warning",
    why="Two autoscalers for the same pods disable each other, or each reverts the other's changes.",
    fix="delete the other one, write a `handover` that names it, or leave the workload to it",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go, AmbiguousSelector; KEDA's validating webhook",
)
def second_autoscaler(subject: Subject) -> Iterator[Hit]:
    """Another HPA or ScaledObject, in the base manifests or running, for a workload that gets hpa or keda."""
    if subject.is_autoscaled:
        found = ((site, [one for one in some if _competes(subject, one, site)]) for site, some in _scalers(subject))
        yield from merged((site, _two(subject, others)) for site, others in found if others)


_Scaler = tuple[Autoscaler, str]
"""Kind and name."""


def _scalers(subject: Subject) -> Iterator[tuple[Site | None, list[_Scaler]]]:
    """The autoscalers of the manifests, and for each cluster the running ones that are in no manifest."""
    base = subject.base
    written: list[_Scaler] = []
    if base:
        written = [*(("hpa", name) for name in base.hpas), *(("keda", name) for name in base.scaled_objects)]
    yield None, written
    for site in subject.sites:
        if live := site.live:
            running: list[_Scaler] = [("hpa", live.hpa.name)] if live.hpa else []
            running += [("keda", live.scaled_object.name)] if live.scaled_object else []
            yield site, [one for one in running if one not in written]


def _competes(subject: Subject, scaler: _Scaler, site: Site | None) -> bool:
    """Whether it would compete with the requested one, which replaces one of its own kind and name."""
    (kind, name), workload = scaler, subject.workload
    if workload.handover and workload.handover.before == kind:
        return False
    if kind == "hpa" and subject.keda and site:
        return False  # KEDA refuses workloads of a running HPA: KEDA-001 reports it
    mine = subject.hpa if kind == "hpa" else subject.keda
    return mine is None or name != workload.ref.name


def _two(subject: Subject, others: Sequence[_Scaler]) -> Hit:
    ref = subject.workload.ref
    mine: _Scaler = ("hpa" if subject.hpa else "keda", ref.name)
    number = "two" if len(others) == 1 else str(len(others) + 1)
    said = f"{ref} would be managed by {number} autoscalers ({_listed([mine, *others])})"
    return Hit(f"{said}; both may stop (AmbiguousSelector).", (mine[0],))


def _listed(scalers: Sequence[_Scaler]) -> str:
    return ", ".join(f"{NOUNS[kind]} {name}" for kind, name in scalers)


@rule(
    "HPA-007",
    "warning",
    why="The autoscaler sets the replicas again at its next sync, and a number in Git would reset them: so no number "
    "is rendered if the manifests have an autoscaler. Only 0 is permanent, with an HPA: it ignores such a workload.",
    fix="request hpa or keda instead; or remove it from the manifests, with a `handover` that names it",
    source="Kubernetes docs, Horizontal Pod Autoscaling: migrating Deployments and StatefulSets",
)
def fixed_replicas_beside_autoscaler(subject: Subject) -> Iterator[Hit]:
    """Replicas for a workload that gets neither hpa nor keda, and has one in the base manifests or running."""
    workload = subject.workload
    if workload.replicas is None or subject.is_autoscaled:
        return
    gone = removed(workload, subject.request)
    found = ((site, [one for one in some if site is None or one[0] != gone]) for site, some in _scalers(subject))
    yield from merged((site, _overwritten(subject, others, site)) for site, others in found if others)


def _overwritten(subject: Subject, others: Sequence[_Scaler], site: Site | None) -> Hit:
    ref = subject.workload.ref
    setters = [one for one in others if subject.workload.replicas or one[0] == "keda"]
    if not setters:
        return Hit(f"replicas 0 disables {_listed(others)} for {ref} until it is scaled up manually.", ("replicas",))
    left_out = ", so none is rendered" if subject.target.clusters and site is None else ""
    said = f"{ref} is autoscaled by {_listed(setters)}"
    return Hit(f"{said}; a fixed replica count will be overwritten{left_out}.", ("replicas",))


@rule(
    "HPA-012",
    "warning",
    why="Each time the manifest is applied it resets the replicas, and the autoscaler sets them again.",
    fix="delete the line; while the autoscaler runs, applying the manifest without it has no effect",
    source="kube-score, deployment-targeted-by-hpa-does-not-have-replicas-configured; Argo CD, best practices",
)
def replicas_in_base(subject: Subject) -> Iterator[Hit]:
    """spec.replicas in the base manifest of a workload that gets hpa or keda, if no Component removes it."""
    base, is_rendered = subject.base, bool(subject.target.clusters)
    if base and not base.chart and sets_replicas(base) and subject.is_autoscaled and not is_rendered:
        file = quoted(base.replicas_path, "the base manifest")
        scaler = "HPA" if subject.hpa else "KEDA"
        route = ("hpa",) if subject.hpa else ("keda",)
        message = f"Remove spec.replicas of {subject.workload.ref} from {file}; Git and {scaler} will fight over it."
        yield Hit(message, route)


@rule(
    "MAN-003",
    "error",
    why="kustomize refuses two objects of one kind and name, so the application could no longer be built.",
    fix="delete the autoscaler from the base: infra.scale renders it from now on",
    source="kustomize: may not add resource with an already registered id",
)
def autoscaler_in_base(subject: Subject) -> Iterator[Hit]:
    """hpa, vpa or keda for a workload whose base has that autoscaler under its name, on a target with clusters."""
    base, workload = subject.base, subject.workload
    if base is None or not subject.target.clusters:
        return
    wanted: tuple[tuple[Autoscaler, object], ...] = (
        ("hpa", subject.hpa),
        ("vpa", workload.vpa),
        ("keda", subject.keda),
    )
    for key, block in wanted:
        if block and AUTOSCALER_KINDS[key] in base.autoscalers:
            message = f"the base of {workload.ref} already has a {AUTOSCALER_KINDS[key]} with this name"
            yield Hit(message, (key,), help=_how_to_move(subject, AUTOSCALER_KINDS[key]))


def _how_to_move(subject: Subject, kind: str) -> str:
    """What to delete, and in the same commit what to add, so that no build is without an autoscaler."""
    deleted = [fault.fix for fault in subject.faults if (fault.kind, fault.what) == ("owned", kind)]
    joined = [fault.fix for fault in subject.faults if fault.kind == "unjoined"]
    return "; in the same commit, ".join(dict.fromkeys((*deleted, *joined))) if deleted else ""
