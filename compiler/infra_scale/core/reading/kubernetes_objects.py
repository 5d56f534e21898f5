"""Kubernetes objects, Helm values and plans pasted below requests/, to the workloads that they are about.

Only what the flags of `infra-scale new` can express becomes a value; the rest is named, for a person to add.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, get_args

from infra_scale.core.reading.json_values import Json, as_list, as_map, as_number, as_text
from infra_scale.model.autoscaler import UpdateMode
from infra_scale.model.names import is_label, is_name
from infra_scale.model.quantity import Quantity, QuantityError
from infra_scale.model.workload import KINDS, SCALABLE

_MOST_REPLICAS = 2**31 - 1
_VALUES = frozenset(
    {
        "affinity",
        "autoscaling",
        "fullnameOverride",
        "image",
        "ingress",
        "nameOverride",
        "nodeSelector",
        "podAnnotations",
        "replicaCount",
        "resources",
        "service",
        "serviceAccount",
        "tolerations",
    }
)
"""Top-level keys of what `helm create` writes."""


class Ref(NamedTuple):
    """A workload; an empty namespace is the default one."""

    namespace: str
    kind: str
    name: str


class HpaBounds(NamedTuple):
    """What --hpa can say."""

    minimum: int
    maximum: int
    cpu: int | None


class Part(NamedTuple):
    """The facts about a workload in one object."""

    ref: Ref
    replicas: int | None = None
    requests: tuple[tuple[str, str], ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    hpa: HpaBounds | None = None
    more: tuple[str, ...] = ()
    """What has to be added to the request by hand."""


def is_foreign(document: Json) -> bool:
    """Whether a document is something else than a request with mistakes in it."""
    if "workloads" in document:
        return False
    kind, version = as_text(document.get("kind")), as_text(document.get("apiVersion"))
    if kind and kind != "ScaleRequest":
        return version is not None or kind in KINDS or bool(document.keys() & {"metadata", "spec", "items"})
    return not kind and "target" not in document and bool(_title(document))


def title(document: Json) -> str:
    """What a document is, as people call it."""
    return as_text(document.get("kind")) or _title(document)


def target_of(document: Json) -> str:
    """The target that a plan, or a request without its list, names."""
    return _text(document.get("target")) or _text(as_map(document.get("metadata")).get("target"))


def _title(document: Json) -> str:
    if len(document.keys() & _VALUES) > 1 or "replicaCount" in document:
        return "Helm values file"
    is_kustomization = "resources" in document and document.keys() & {"namespace", "replicas", "images", "patches"}
    return "Kustomization" if is_kustomization else ""


def flattened(documents: Iterable[object]) -> Iterator[Json]:
    """The objects of documents and of the lists in them."""
    for document in map(as_map, documents):
        if (as_text(document.get("kind")) or "").endswith("List") and "items" in document:
            yield from map(as_map, as_list(document["items"]))
        elif document:
            yield document


def parts(document: Json, default_name: str) -> Iterator[Part]:
    """The facts about workloads in an object."""
    reader = _READERS.get(title(document))
    found = reader(document) if reader else _helm(document, default_name) if not document.get("kind") else ()
    return (part for part in found if _is_sound(part.ref))


def _is_sound(ref: Ref) -> bool:
    return ref.kind in KINDS and is_name(ref.name) and (not ref.namespace or is_label(ref.namespace))


def _workload(document: Json) -> Iterator[Part]:
    """A Deployment and the like; also one that was written without `metadata` and `spec`."""
    metadata, spec = as_map(document.get("metadata")) or document, as_map(document.get("spec")) or document
    ref = Ref(_text(metadata.get("namespace")), _text(document.get("kind")), _text(metadata.get("name")))
    job = as_map(as_map(spec.get("jobTemplate")).get("spec")) or spec
    containers = [*map(as_map, as_list(as_map(as_map(job.get("template")).get("spec")).get("containers")))]
    replicas = _replicas(spec.get("replicas")) if ref.kind in SCALABLE else None
    if ref.kind == "Job":  # nothing else of it can change
        yield Part(ref, more=("`parallelism` or `suspend`",))
        return
    if len(containers) > 1:
        more = ("write `container` with its `requests` and `limits`: the pod has several containers",)
        yield Part(ref, replicas, more=more if any("resources" in one for one in containers) else ())
        return
    resources = as_map(containers[0].get("resources")) if containers else document
    yield Part(ref, replicas, *_both(resources))


def _both(resources: Json) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Requests and limits; neither if the API server would refuse them."""
    requests, limits = _amounts(resources.get("requests")), _amounts(resources.get("limits"))
    bounds = dict(limits)
    if any(name in bounds and Quantity.parse(one) > Quantity.parse(bounds[name]) for name, one in requests):
        return (), ()
    return requests, limits


def _amounts(value: object) -> tuple[tuple[str, str], ...]:
    written = as_map(value)
    pairs = (("cpu", written.get("cpu")), ("mem", written.get("memory", written.get("mem"))))
    return tuple((name, one) for name, one in pairs if isinstance(one, str) and _is_amount(name, one))


def _is_amount(name: str, text: str) -> bool:
    try:
        amount = Quantity.parse(text)
    except QuantityError:
        return False
    is_whole = amount.is_multiple_of_milli if name == "cpu" else amount.is_integral
    return is_whole and not amount.is_negative and not text.startswith("+")


def _hpa(document: Json) -> Iterator[Part]:
    spec = as_map(document.get("spec"))
    targets = [*_targets(spec)]
    more = tuple(f"write `{key}: {value}` into its `hpa`" for key, value in targets if key != "targetCPU")
    others = len(as_list(spec.get("metrics"))) - len([key for key, _ in targets])
    more += ("mind that a request has no other metrics than cpu and memory",) if others > 0 else ()
    more += ("write its `behavior` into `hpa`",) if "behavior" in spec else ()
    yield from _scaled(document, spec, _bounds(spec, dict(targets).get("targetCPU")), more)


def _targets(spec: Json) -> Iterator[tuple[str, int]]:
    """Utilization targets, as autoscaling/v2 and v1 write them."""
    if percent := as_number(spec.get("targetCPUUtilizationPercentage")):
        yield "targetCPU", percent
    for metric in map(as_map, as_list(spec.get("metrics"))):
        resource = as_map(metric.get("resource"))
        key = {"cpu": "targetCPU", "memory": "targetMemory"}.get(_text(resource.get("name")))
        percent = as_number(as_map(resource.get("target")).get("averageUtilization"))
        percent = percent or as_number(resource.get("targetAverageUtilization"))
        if key and percent:
            yield key, percent


def _bounds(spec: Json, cpu: int | None) -> HpaBounds | None:
    """None if the API server would refuse them."""
    minimum, maximum = as_number(spec.get("minReplicas")), as_number(spec.get("maxReplicas"))
    minimum = 1 if minimum is None else minimum
    if maximum is None or not 1 <= minimum <= maximum <= _MOST_REPLICAS:
        return None
    return HpaBounds(minimum, maximum, cpu)


def _scaled(document: Json, spec: Json, bounds: HpaBounds | None, more: tuple[str, ...]) -> Iterator[Part]:
    aim = as_map(spec.get("scaleTargetRef"))
    kind = as_text(aim.get("kind")) or "Deployment"
    ref = Ref(_text(as_map(document.get("metadata")).get("namespace")), kind, _text(aim.get("name")))
    yield Part(ref, hpa=bounds, more=more)


def _keda(document: Json) -> Iterator[Part]:
    spec = as_map(document.get("spec"))
    least, most = (as_number(spec.get(key)) for key in ("minReplicaCount", "maxReplicaCount"))
    bounds = f"{{min: {least or 0}, max: {100 if most is None else most}, triggers: […]}}"
    for part in _scaled(
        document, spec, None, (f"write `keda: {bounds}` with its triggers in the place of `replicas`",)
    ):
        yield part._replace(replicas=max(1, least or 0))


def _vpa(document: Json) -> Iterator[Part]:
    spec, aim = as_map(document.get("spec")), as_map(as_map(document.get("spec")).get("targetRef"))
    ref = Ref(_text(as_map(document.get("metadata")).get("namespace")), _text(aim.get("kind")), _text(aim.get("name")))
    advised = [*map(as_map, as_list(_inner(document, "status", "recommendation", "containerRecommendations")))]
    requests = _amounts(advised[0].get("target")) if len(advised) == 1 else ()
    mode = _text(as_map(spec.get("updatePolicy")).get("updateMode"))
    mode = mode if mode in get_args(UpdateMode) else "Recreate"
    yield Part(ref, requests=requests, more=(f'`vpa: {{mode: "{mode}"}}` for {ref.kind}/{ref.name}',))


def _kustomization(document: Json) -> Iterator[Part]:
    for one in map(as_map, as_list(document.get("replicas"))):
        name, count = _text(one.get("name")), _replicas(one.get("count"))
        yield Part(Ref(_text(document.get("namespace")), "Deployment", name), count)


def _plan(document: Json) -> Iterator[Part]:
    """A plan that we generated, or the original's."""
    for action in map(as_map, as_list(document.get("actions"))):
        ref = Ref(_text(action.get("namespace")), _text(action.get("kind")), _text(action.get("name")))
        hpa = as_map(action.get("hpa"))
        bounds = {"minReplicas": hpa.get("min"), "maxReplicas": hpa.get("max")}
        if hpa:
            ref = ref._replace(kind="Deployment")
        requests, limits = _both(action)
        bound = _bounds(bounds, as_number(hpa.get("targetCPU"))) if hpa else None
        yield Part(ref, _replicas(action.get("to")), requests, limits, bound)


def _helm(document: Json, default_name: str) -> Iterator[Part]:
    name = next((name for key in ("fullnameOverride", "nameOverride") if (name := _text(document.get(key)))), "")
    scaling = as_map(document.get("autoscaling"))
    bounds = None
    if scaling.get("enabled") == "true":
        bounds = _bounds(scaling, as_number(scaling.get("targetCPUUtilizationPercentage")))
    requests, limits = _both(as_map(document.get("resources")))
    ref = Ref("", "Deployment", name or default_name)
    yield Part(ref, _replicas(document.get("replicaCount")), requests, limits, bounds)


def _inner(document: Json, *keys: str) -> object:
    value: object = document
    for key in keys:
        value = as_map(value).get(key)
    return value


def _replicas(value: object) -> int | None:
    number = as_number(value)
    return number if number is None or number <= _MOST_REPLICAS else None


def _text(value: object) -> str:
    return as_text(value) or ""


_READERS: Mapping[str, Callable[[Json], Iterator[Part]]] = {
    **dict.fromkeys(KINDS, _workload),
    "HorizontalPodAutoscaler": _hpa,
    "ScaledObject": _keda,
    "VerticalPodAutoscaler": _vpa,
    "Kustomization": _kustomization,
    "ScalePlan": _plan,
}
