"""The `helm` list of a target: reader, writer, and what its schema cannot check."""

import re
from collections.abc import Iterator

from infra_scale.core.documents.blocks import present
from infra_scale.core.reading.values import mapping, optional_text, sequence, text
from infra_scale.core.syntax.emitter import Node
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.finding import Finding
from infra_scale.model.helm import AmountPaths, HelmEntry, HpaPaths, Metric, Path
from infra_scale.model.workload import Kind

_KEY = re.compile(r"(?:[^.\\]|\\.)+")
_SCAFFOLD = "targetCPUUtilizationPercentage", "targetMemoryUtilizationPercentage"
_NO_AMOUNTS = AmountPaths(None, None)
_PATHS = ("under", "replicas", "resources", "requests", "limits", "hpa")
_KINDS: dict[str, Kind] = {"Deployment": "Deployment", "StatefulSet": "StatefulSet"}


def read_helm(value: Value) -> tuple[HelmEntry, ...]:
    """A `helm` list."""
    return tuple(_read_entry(mapping(one)) for one in sequence(value))


def _read_entry(written: dict[str, Value]) -> HelmEntry:
    workload = mapping(written.get("workload"))
    under = _path(text(written["under"])) if "under" in written else ()
    resources = _optional_path(written.get("resources", "resources"), under)
    return HelmEntry(
        chart=text(written["chart"]),
        kind=_KINDS[text(workload.get("kind", "Deployment"))],
        name=text(workload.get("name", "{fullname}")),
        container=text(workload.get("container", "{chart}")),
        replicas=_optional_path(written.get("replicas", "replicaCount"), under),
        requests=_amounts(written, "requests", resources, under),
        limits=_amounts(written, "limits", resources, under),
        hpa=_hpa(written.get("hpa"), under),
        is_explicit=any(key in written for key in _PATHS),
        release=optional_text(written.get("release")) or "",
        namespace=(optional_text(written.get("namespace")) or "default") if "files" in written else "",
        files=tuple(text(one) for one in sequence(written.get("files"))),
    )


def _path(written: str) -> Path:
    return tuple(re.sub(r"\\(.)", r"\1", key) for key in _KEY.findall(written))


def _optional_path(value: Value, under: Path) -> Path | None:
    return None if value is False else (*under, *_path(text(value)))


def _amounts(written: dict[str, Value], block: str, resources: Path | None, under: Path) -> AmountPaths:
    """The paths of requests or limits: those that are written, else those of the map."""
    if block in written or "requests" in written or "limits" in written:
        own = mapping(written.get(block))
        cpu, memory = (_optional_path(own[key], under) if key in own else None for key in ("cpu", "mem"))
        return AmountPaths(cpu, memory)
    return AmountPaths((*resources, block, "cpu"), (*resources, block, "memory")) if resources else _NO_AMOUNTS


def _hpa(value: Value, under: Path) -> HpaPaths | None:
    if value is False:
        return None
    if value is None:
        top = (*under, "autoscaling")
        cpu, memory = (Metric((*top, key)) for key in _SCAFFOLD)
        return HpaPaths((*top, "enabled"), (*top, "minReplicas"), (*top, "maxReplicas"), cpu, memory)
    written = mapping(value)
    enabled, minimum, maximum = ((*under, *_path(text(written[key]))) for key in ("enabled", "min", "max"))
    cpu_metric, memory_metric = (_metric(written.get(key), under) for key in ("targetCPU", "targetMemory"))
    return HpaPaths(enabled, minimum, maximum, cpu_metric, memory_metric)


def _metric(value: Value, under: Path) -> Metric | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return Metric((*under, *_path(text(value["path"]))), (*under, *_path(text(value["enabled"]))))
    return Metric((*under, *_path(text(value))))


def helm_node(entries: tuple[HelmEntry, ...]) -> list[Node]:
    """The nodes of a `helm` list, each with all of its paths."""
    return [_entry_node(one) for one in entries]


def _entry_node(one: HelmEntry) -> Node:
    default = _read_entry({"chart": one.chart})
    workload: dict[str, Node] = {"kind": one.kind, "name": one.name, "container": one.container}
    same = {"kind": default.kind, "name": default.name, "container": default.container}
    return {
        "chart": one.chart,
        **present({"workload": None if workload == same else workload}),
        **(_paths_node(one) if one.is_explicit else {}),
        **present({"release": one.release or None, "namespace": one.namespace or None, "files": [*one.files]}),
    }


def _paths_node(one: HelmEntry) -> dict[str, Node]:
    no_amounts = (one.requests, one.limits) == (_NO_AMOUNTS, _NO_AMOUNTS)
    hpa = one.hpa
    return {
        "replicas": _written(one.replicas) if one.replicas else False,
        **({"resources": False} if no_amounts else {}),
        **present({"requests": _amounts_node(one.requests), "limits": _amounts_node(one.limits)}),
        "hpa": present(
            {
                "enabled": _written(hpa.enabled),
                "min": _written(hpa.minimum),
                "max": _written(hpa.maximum),
                "targetCPU": _metric_node(hpa.target_cpu),
                "targetMemory": _metric_node(hpa.target_memory),
            }
        )
        if hpa
        else False,
    }


def _written(path: Path) -> str:
    return ".".join(key.replace(".", "\\.") for key in path)


def _amounts_node(paths: AmountPaths) -> Node:
    return present({key: _written(path) if path else None for key, path in zip(("cpu", "mem"), paths, strict=True)})


def _metric_node(metric: Metric | None) -> Node:
    if metric is None:
        return None
    path = _written(metric.path)
    return {"path": path, "enabled": _written(metric.enabled)} if metric.enabled else path


def helm_faults(value: Value, path: str, *, has_manifests: bool) -> Iterator[Finding]:
    """HLM-009 for each entry with only one of `release` and `files`, and for a list without manifests."""
    if value is not None and not has_manifests:
        message = "`helm` needs `manifests`: values in Git are read in its folders"
        help = "list the folders with the HelmReleases or values files in `manifests`"
        yield Finding("HLM-009", "error", message, path, route=("helm",), on_key=True, help=help)
    for index, one in enumerate(sequence(value)):
        written = mapping(one)
        has = {key: key in written for key in ("release", "files")}
        if has["release"] == has["files"] and (has["files"] or "namespace" not in written):
            continue
        found = next((key for key in ("release", "files", "namespace") if key in written), "chart")
        message = f"`{found}` needs `release` and `files`: they are for a values file, which one release reads"
        help = "name both, or neither for a HelmRelease in the manifests"
        yield Finding("HLM-009", "error", message, path, route=("helm", index, found), help=help)
