"""HPAs, ScaledObjects, VPAs and PDBs to their workloads."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from infra_scale.core.capture.objects import Inventory, Thing, read
from infra_scale.core.capture.selectors import selects
from infra_scale.core.reading.values import as_written, mapping, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.autoscaler import Resource
from infra_scale.model.snapshot import DisruptionBudget, LiveAutoscaler, LiveVpa
from infra_scale.model.workload import WorkloadRef

_Aim = tuple[str, str, str]
"""Kind, namespace and name of the scaled object."""
_Scaler = TypeVar("_Scaler")
_ALL: tuple[Resource, ...] = ("cpu", "memory")
_MODES = ("Off", "Initial", "Recreate", "InPlaceOrRecreate", "InPlace", "Auto")


class Scalers(NamedTuple):
    """All autoscalers of the cluster by target; of several for one target, the first by name."""

    hpas: Mapping[_Aim, LiveAutoscaler]
    scaled_objects: Mapping[_Aim, LiveAutoscaler]
    vpas: Mapping[_Aim, "SeenVpa"]


class SeenVpa(NamedTuple):
    """A VerticalPodAutoscaler, before its containers are known."""

    name: str
    mode: str
    policies: Mapping[str, tuple[Resource, ...]]
    """The resources that it sets, by container; `*` for all others."""

    def over(self, containers: Iterable[str]) -> LiveVpa:
        """The resources that it sets for a pod with these containers; without a policy, all of them."""
        others = self.policies.get("*", _ALL)
        controlled = {resource for name in containers for resource in self.policies.get(name, others)}
        return LiveVpa(self.name, self.mode, tuple(resource for resource in _ALL if resource in controlled))


def scalers_of(found: Inventory) -> Scalers:
    """The autoscalers. An HPA of KEDA is part of its ScaledObject. Raises ObjectError."""
    own = [one for one in found.of("HorizontalPodAutoscaler") if (one.controller or ("",))[0] != "ScaledObject"]
    return Scalers(
        _by_aim(own, "scaleTargetRef", _read_hpa),
        _by_aim(found.of("ScaledObject"), "scaleTargetRef", _read_scaled_object),
        _by_aim(found.of("VerticalPodAutoscaler"), "targetRef", _read_vpa),
    )


def budgets_of(found: Inventory, ref: WorkloadRef, labels: Mapping[str, Value]) -> tuple[DisruptionBudget, ...]:
    """The PodDisruptionBudgets of pods with these labels. Raises ObjectError."""
    about = (
        one
        for one in found.within("PodDisruptionBudget", ref.namespace)
        if read(one, lambda budget: selects(budget.spec.get("selector"), labels))
    )
    read_ones = (read(one, _read_budget) for one in about)
    return tuple(budget for budget in read_ones if budget.min_available or budget.max_unavailable)


def optional_bound(value: Value) -> str | None:
    """A number or a percentage as text, None if not set. Raises TypeError."""
    return None if value is None else as_written(value)


def _by_aim(things: Iterable[Thing], key: str, reader: Callable[[Thing], _Scaler]) -> dict[_Aim, _Scaler]:
    aimed: dict[_Aim, _Scaler] = {}
    for thing in things:
        aimed.setdefault(read(thing, lambda one: _aim(one, key)), read(thing, reader))
    return aimed


def _aim(thing: Thing, key: str) -> _Aim:
    written = mapping(thing.spec.get(key))
    return optional_text(written.get("kind")) or "Deployment", thing.namespace, text(written.get("name"))


def _read_hpa(thing: Thing) -> LiveAutoscaler:
    spec = thing.spec
    targets = (*_utilizations(spec), *_of_v1(spec))
    minimum = whole_number(spec.get("minReplicas", 1))
    others = tuple(sorted(set(_other_metrics(spec))))
    return LiveAutoscaler(thing.name, minimum, whole_number(spec.get("maxReplicas")), next(iter(targets), None), others)


_METRIC = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_METRIC_KEYS = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}


def _other_metrics(spec: Mapping[str, Value]) -> Iterator[str]:
    """The metrics other than a utilization of cpu; a name with other characters is left out."""
    for metric in map(mapping, sequence(spec.get("metrics"))):
        kind = next((one for one in _METRIC_KEYS if one == metric.get("type")), None)
        source = mapping(metric.get(_METRIC_KEYS[kind])) if kind else {}
        name = source.get("name") or mapping(source.get("metric")).get("name")
        is_cpu = name == "cpu" and mapping(source.get("target")).get("averageUtilization") is not None
        if kind and not is_cpu:
            yield f"{kind}/{name}" if isinstance(name, str) and _METRIC.fullmatch(name) else kind


def _utilizations(spec: Mapping[str, Value]) -> Iterator[int]:
    for metric in map(mapping, sequence(spec.get("metrics"))):
        resource = mapping(metric.get("resource") or metric.get("containerResource"))
        target = mapping(resource.get("target"))
        if resource.get("name") == "cpu" and target.get("averageUtilization") is not None:
            yield whole_number(target["averageUtilization"])


def _of_v1(spec: Mapping[str, Value]) -> Iterator[int]:
    if spec.get("targetCPUUtilizationPercentage") is not None:
        yield whole_number(spec["targetCPUUtilizationPercentage"])


def _read_scaled_object(thing: Thing) -> LiveAutoscaler:
    """With KEDA's defaults: from 0 to 100 replicas."""
    spec = thing.spec
    minimum, maximum = spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100)
    return LiveAutoscaler(thing.name, whole_number(minimum), whole_number(maximum))


def _read_vpa(thing: Thing) -> SeenVpa:
    """An unsupported mode counts as the default, which may change everything."""
    wanted = mapping(thing.spec.get("updatePolicy")).get("updateMode")
    written = mapping(thing.spec.get("resourcePolicy")).get("containerPolicies")
    policies = {
        optional_text(one.get("containerName")) or "": _controlled(one) for one in map(mapping, sequence(written))
    }
    return SeenVpa(thing.name, next((mode for mode in _MODES if mode == wanted), "Auto"), policies)


def _controlled(policy: Mapping[str, Value]) -> tuple[Resource, ...]:
    if policy.get("mode") == "Off":
        return ()
    named = policy.get("controlledResources")
    return _ALL if named is None else tuple(one for one in _ALL if one in sequence(named))


def _read_budget(thing: Thing) -> DisruptionBudget:
    spec = thing.spec
    return DisruptionBudget(
        thing.name, optional_bound(spec.get("minAvailable")), optional_bound(spec.get("maxUnavailable"))
    )
