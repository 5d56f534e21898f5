"""Objects about a workload in manifests: autoscalers that target it, budgets that select its pods."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.reading.json_values import Json, as_list, as_map, as_text
from infra_scale.model.manifest import Base, Budget
from infra_scale.model.names import is_name
from infra_scale.model.tagged import tagged
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef

_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_DEFAULT_TARGET = {"ScaledObject": "Deployment"}
"""KEDA's own default of scaleTargetRef.kind."""


@tagged
class Scaler(NamedTuple):
    """An autoscaler that a manifest declares."""

    path: str
    namespace: str | None
    kind: str
    name: str
    aim: tuple[str, str]
    """Kind and name of what it scales."""


@tagged
class Guard(NamedTuple):
    """A PodDisruptionBudget that a manifest declares."""

    path: str
    namespace: str | None
    budget: Budget
    selector: Json


class Companions(NamedTuple):
    """All of them in the manifests of a repository."""

    scalers: Mapping[tuple[str, str], tuple[Scaler, ...]] = {}
    """By their aim."""
    guards: Mapping[str, tuple[Guard, ...]] = {}
    """By namespace; without one, by `/` and their folder."""

    @classmethod
    def of(cls, found: Iterable[Scaler | Guard]) -> "Companions":
        """Sorted, so that one is found without looking at all."""
        scalers: dict[tuple[str, str], list[Scaler]] = {}
        guards: dict[str, list[Guard]] = {}
        for one in found:
            if isinstance(one, Scaler):
                scalers.setdefault(one.aim, []).append(one)
            else:
                guards.setdefault(one.namespace or f"/{_folder(one.path)}", []).append(one)
        return cls({aim: tuple(of) for aim, of in scalers.items()}, {at: tuple(of) for at, of in guards.items()})

    def beside(self, base: Base, target: Target, ref: WorkloadRef) -> Base:
        """The manifest of a workload, with the objects about it in the manifests of the target.

        An object without a namespace belongs to the workloads in its own folder.
        """
        scalers = [
            one
            for name in dict.fromkeys((ref.name, *base.names))
            for one in self.scalers.get((ref.kind, name), ())
            if target.has_manifest(one.path)
            and (_folder(one.path) == _folder(base.path) if one.namespace is None else one.namespace == ref.namespace)
        ]
        guards = (*self.guards.get(ref.namespace, ()), *self.guards.get(f"/{_folder(base.path)}", ()))
        labels = dict(base.labels)
        return base._replace(
            hpas=tuple(one.name for one in scalers if one.kind == "HorizontalPodAutoscaler"),
            scaled_objects=tuple(one.name for one in scalers if one.kind == "ScaledObject"),
            budgets=tuple(
                one.budget for one in guards if target.has_manifest(one.path) and _selects(one.selector, labels)
            ),
        )


def read_companions(path: str, objects: Iterable[Json], built_names: Mapping[int, str]) -> Iterator[Scaler | Guard]:
    """Those among some objects; one whose name Kubernetes would refuse is passed over.

    `built_names` are what kustomizations make of names, by the identity of the object.
    """
    for item in objects:
        kind, metadata, spec = item.get("kind"), as_map(item.get("metadata")), as_map(item.get("spec"))
        name, namespace = as_text(metadata.get("name")), as_text(metadata.get("namespace"))
        name = built_names.get(id(item), name or "")
        if not is_name(name):
            continue
        if isinstance(kind, str) and kind in _SCALERS:
            aim = as_map(spec.get("scaleTargetRef"))
            aimed = as_text(aim.get("kind")) or _DEFAULT_TARGET.get(kind, "")
            yield Scaler(path, namespace, kind, name, (aimed, as_text(aim.get("name")) or ""))
        elif kind == "PodDisruptionBudget" and isinstance(spec.get("selector"), dict):
            budget = Budget(name, as_text(spec.get("minAvailable")), as_text(spec.get("maxUnavailable")))
            yield Guard(path, namespace, budget, as_map(spec.get("selector")))


def _selects(selector: Json, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes pods with these labels; an empty one takes all."""
    wanted = as_map(selector.get("matchLabels"))
    expressions = as_list(selector.get("matchExpressions"))
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(as_map(expression), labels) for expression in expressions
    )


def _holds(expression: Json, labels: Mapping[str, str]) -> bool:
    has = labels.get(str(expression.get("key")))
    values = as_list(expression.get("values"))
    match expression.get("operator"):
        case "In":
            return has in values
        case "NotIn":
            return has not in values
        case "Exists":
            return has is not None
        case "DoesNotExist":
            return has is None
        case _:
            return False


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
