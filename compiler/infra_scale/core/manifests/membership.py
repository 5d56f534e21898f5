"""What of a build belongs to a workload: autoscalers, budgets, containers, numbers, and its name for patches."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.outcome import Reason
from infra_scale.core.manifests.patterns import quoted
from infra_scale.core.manifests.targets import Target
from infra_scale.core.manifests.tree import ABSENT, Json, Open, Unknown, at, member, text_at

_HPA, _SCALED, _VPA, _PDB = "HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler", "PodDisruptionBudget"
_POD_ROUTES: dict[str, tuple[str, ...]] = {"CronJob": ("spec", "jobTemplate", "spec", "template"), "Pod": ()}
_TEMPLATE = ("spec", "template")


class Companions(NamedTuple):
    """The objects of a build that act on the pods of one workload."""

    hpas: tuple[Resource, ...] = ()
    scaled_objects: tuple[Resource, ...] = ()
    vpas: tuple[Resource, ...] = ()
    budgets: tuple[Resource, ...] = ()
    unknown: tuple[Reason, ...] = ()
    """Why there may be others; empty: these are all of the build."""


def workloads(build: Build, kind: str, name: str, namespace: str) -> tuple[Resource, ...]:
    """The workloads of a build that have a name. One that is built without a namespace may run in any."""
    return tuple(
        one
        for one in build.resources
        if (one.id.kind, one.id.name) == (kind, name) and text_at(one.doc, "metadata", "namespace") in ("", namespace)
    )


def companions(build: Build, workload: Resource) -> Companions:
    """What belongs to a workload of a build."""
    found: dict[str, list[Resource]] = {_HPA: [], _SCALED: [], _VPA: [], _PDB: []}
    unknown = list(build.opens)
    for one in build.resources:
        if one.id.kind not in found or one.id.namespace != workload.id.namespace:
            continue
        belongs = _selects(one, workload) if one.id.kind == _PDB else _scales(one.doc, one, workload)
        if belongs is None or (one.unsure and belongs):
            reason = one.unsure or f"what {one.id.kind}/{one.id.name} is about is not known"
            unknown.append(Reason(reason, one.place))
            belongs = _probably_scales(one, workload)
        if belongs:
            found[one.id.kind].append(one)
    hpas, scaled_objects, vpas, budgets = (tuple(of) for of in found.values())
    return Companions(hpas, scaled_objects, vpas, budgets, tuple(unknown))


def _probably_scales(scaler: Resource, workload: Resource) -> bool:
    """Whether an autoscaler is for a workload, unless a kustomization that is not read renames what it names."""
    if scaler.unsure or scaler.id.kind == _PDB or not scaler.steps or scaler.steps[-1].place != scaler.place:
        return False
    return _scales(scaler.steps[-1].before, scaler, workload) is True


def _scales(doc: Json, scaler: Resource, workload: Resource) -> bool | None:
    """Whether an autoscaler, as `doc` has it, is for a workload; None where that is not known."""
    reference = at(doc, ("spec", "targetRef" if scaler.id.kind == _VPA else "scaleTargetRef"))
    parts = [member(reference, key) for key in ("kind", "name", "apiVersion")]
    if any(isinstance(part, Unknown) for part in parts[:2]):
        return None
    kind, name, version = parts
    if scaler.id.kind == _SCALED and kind is ABSENT:
        kind = "Deployment"
    group = version.rpartition("/")[0] if isinstance(version, str) else workload.id.group
    return (kind, name, group) == (workload.id.kind, workload.id.name, workload.id.group)


def _selects(budget: Resource, workload: Resource) -> bool | None:
    """Whether a budget is about the pods of a workload; None where that is not known."""
    labels = pod_labels(workload)
    selector = at(budget.doc, ("spec", "selector"))
    if isinstance(selector, (Unknown, Open)) or isinstance(labels, (Unknown, Open)):
        return None
    if not isinstance(selector, dict):
        return False
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(expressions, list) or not isinstance(labels, dict):
        return None
    if not wanted and not expressions:
        return budget.id.version != "v1beta1"  # there an empty selector takes nothing
    holds = [_holds(one, labels) for one in expressions]
    holds += [None if isinstance(value, Unknown) else labels.get(key) == value for key, value in wanted.items()]
    return False if False in holds else None if None in holds else True


def _holds(expression: object, labels: Json) -> bool | None:
    key, values = text_at(expression, "key"), member(expression, "values")
    value, has = labels.get(key), key in labels
    if isinstance(value, Unknown):
        return None
    among = value in values if isinstance(values, list) else False
    found = {"In": among, "NotIn": not among, "Exists": has, "DoesNotExist": not has}
    return found.get(text_at(expression, "operator"))


def pod_template(workload: Resource) -> object:
    """The template of the pods of a workload: a map, ABSENT, or Unknown."""
    return at(workload.doc, pod_route(workload))


def pod_route(workload: Resource) -> tuple[str, ...]:
    """Where the template of its pods is."""
    return _POD_ROUTES.get(workload.id.kind, _TEMPLATE)


def pod_labels(workload: Resource) -> object:
    """The labels of the pods of a workload."""
    found = at(pod_template(workload), ("metadata", "labels"))
    return {} if found is ABSENT or found is None else found


def containers(workload: Resource, field: str = "containers") -> object:
    """The containers of a workload by name, in their order; Unknown where the list is."""
    found = at(pod_template(workload), ("spec", field))
    if isinstance(found, Unknown):
        return found
    items = found if isinstance(found, list) else []
    if unknown := next((one for one in items if isinstance(one, Unknown)), None):
        return unknown
    return {text_at(one, "name"): one for one in items}


def replicas(workload: Resource) -> object:
    """What spec.replicas is: a text, ABSENT, or Unknown."""
    found = at(workload.doc, ("spec", "replicas"))
    return ABSENT if found is None else found


def counterparts(before: Iterable[Resource], final: Resource) -> Iterator[Resource]:
    """The objects at an earlier point of a build that became this one."""
    history = (*final.previous, final.id)
    for one in before:
        length = len(one.previous)
        if one.place == final.place and history[:length] == one.previous and _is_same(history[length], one.id):
            yield one


def _is_same(one: Id, other: Id) -> bool:
    """Group and version are not part of what kustomize remembers."""
    return one[2:] == other[2:]


def name_for_patches(before: Iterable[Resource], wanted: Resource) -> Id | Target | None:
    """How a patch that joins at this point names one object and no other; None where it cannot.

    By the present identity where no other object has had it, else by that of its file, else by a target.
    """
    before = tuple(before)
    for name in (wanted.id, wanted.original):
        if [one for one in before if name in one.ids()] == [wanted]:
            return name
    target = Target(*(quoted(part) for part in wanted.id))
    return target if [one for one in before if target.takes(one) is not False] == [wanted] else None
