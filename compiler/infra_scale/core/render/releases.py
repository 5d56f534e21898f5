"""Values of Helm releases: the parts that requests render, and the shared file that joins those of one release.

A HelmRelease gets a Component with one patch of `spec.values` for each workload; any other release a values file, which
holds the parts of its workloads.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from infra_scale.core.documents.header import COMPONENT_FILE, NAMESPACE_HEADER, VALUES_FILE, rendered_header
from infra_scale.core.helm.patching import new_values, value_map
from infra_scale.core.planning.plan import metadata_of
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.core.syntax.plain import Number, Truth
from infra_scale.core.syntax.stream import read_stream
from infra_scale.model.helm import ChartWorkload
from infra_scale.model.names import component_name, file_part, rendered_namespace
from infra_scale.model.request import Workload
from infra_scale.model.source import Source
from infra_scale.model.target import Target, TargetedRequest

_COMPONENT: dict[str, Node] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}


def release_parts(aimed: TargetedRequest) -> dict[str, bytes]:
    """The file with the values of each workload of a chart, for each of its clusters."""
    files: dict[str, bytes] = {}
    for workload in aimed.request.workloads:
        base = aimed.bases.get(workload.key)
        if base is None or base.chart is None:
            continue
        values = new_values(workload, aimed.request, base.chart)
        if not values:
            continue
        made = _nodes(value_map(values))
        document = _patch(base.chart, made) if base.chart.api_version else made
        content = f"{rendered_header(metadata_of(aimed.request))}{yaml_text(document)}".encode()
        for cluster in aimed.target.clusters_of(workload.cluster):
            files[part_path(cluster.name, workload, base.chart)] = content
    return files


def part_path(cluster: str, workload: Workload, chart: ChartWorkload) -> str:
    """The path of the values of one workload."""
    named = component_name(workload.ref.kind, workload.ref.name)
    file = f"patch-{named}-values.yaml" if chart.api_version else f"values-{named}.yaml"
    name = chart.object_name if chart.api_version else chart.release
    return f"{rendered_namespace(cluster, workload.ref.namespace)}/{chart.delivery}-{file_part(name)}/{file}"


def release_files(parts: Mapping[str, bytes], kept: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The shared file of each release with parts, and an empty one for each of the other folders that are `kept`."""
    by_folder = groupby(sorted(parts), key=lambda path: path.rpartition("/")[0])
    found = {folder: [*paths] for folder, paths in by_folder}
    for folder in sorted({*found, *kept}):
        paths = found.get(folder, [])
        if _is_patched(folder):
            yield f"{folder}/{COMPONENT_FILE}", component(path.rpartition("/")[2] for path in paths)
        else:
            yield f"{folder}/{VALUES_FILE}", _values(parts[path] for path in paths)


def values_folders(targets: Iterable[Target]) -> Iterator[str]:
    """The folders that always have a values file, so that a release can read it before the first request."""
    for target in targets:
        for entry in target.helm:
            if entry.files:
                for cluster in target.clusters:
                    yield f"{rendered_namespace(cluster.name, entry.namespace)}/helm-{file_part(entry.release)}"


def component(patches: Iterable[str]) -> bytes:
    """The Component of a HelmRelease, which lists the patches of its workloads; it may be empty."""
    listed: list[Node] = [{"path": name} for name in sorted(patches)]
    fields: dict[str, Node] = {"patches": listed} if listed else {"components": []}
    return f"{NAMESPACE_HEADER}{yaml_text({**_COMPONENT, **fields})}".encode()


def _is_patched(folder: str) -> bool:
    return folder.rpartition("/")[2].startswith("helmrelease-")


def _values(parts: Iterable[bytes]) -> bytes:
    whole: dict[str, Node] = {}
    for part in parts:
        for document in read_stream(Source("values.yaml", part, len(part)), is_typed=True).documents:
            _merge(_node(document), whole)
    return f"{NAMESPACE_HEADER}{yaml_text(whole)}".encode()


def _merge(values: Node, into: dict[str, Node]) -> None:
    for key, value in values.items() if isinstance(values, dict) else ():
        inner = into.get(key)
        if isinstance(value, dict) and isinstance(inner, dict):
            _merge(value, inner)
        else:
            into[key] = value


def _nodes(values: dict[str, object]) -> dict[str, Node]:
    return {key: _node(value) for key, value in values.items()}


def _node(value: object) -> Node:
    """A value as the emitter takes it."""
    if isinstance(value, dict):
        return {str(key): _node(item) for key, item in value.items()}
    if isinstance(value, Truth):
        return value == "true"
    if isinstance(value, Number):
        return int(value)
    return value if isinstance(value, (bool, int)) else str(value)


def _patch(chart: ChartWorkload, values: Node) -> dict[str, Node]:
    metadata: dict[str, Node] = {"name": chart.patch_name}
    if chart.patch_namespace:
        metadata["namespace"] = chart.patch_namespace
    return {
        "apiVersion": chart.api_version,
        "kind": "HelmRelease",
        "metadata": metadata,
        "spec": {"values": values},
    }
