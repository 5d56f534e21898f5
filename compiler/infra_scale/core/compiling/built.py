"""The builds that join the rendered Components of a request: what they hold, compared with its plan."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from infra_scale.model.finding import Finding
from infra_scale.model.helm import release_ref
from infra_scale.model.manifest import Base
from infra_scale.model.names import component_name, quoted, rendered_namespace
from infra_scale.model.request import Workload
from infra_scale.model.target import TargetedRequest
from infra_scale.model.workload import ReleaseRef

if TYPE_CHECKING:
    from infra_scale.core.manifests.promised import Checked, Difference
    from infra_scale.core.manifests.workloads import Manifests

_FIX = "delete it there, or change the request"


def built_findings(aimed: TargetedRequest, files: Mapping[str, bytes], manifests: "Manifests") -> Iterator[Finding]:
    """MAN-011 for each build that the Components of a request break, MAN-012 for each value that it changes."""
    if not aimed.target.manifests:
        return
    from infra_scale.core.manifests.promised import component_files  # noqa: PLC0415 (only where a target names manifests)

    if any(base and base.chart for base in aimed.bases.values()):
        from infra_scale.core.helm.contradictions import contradictions  # noqa: PLC0415 (only for charts)

        yield from contradictions(aimed)
    found = manifests.deployments(aimed.target)
    for workload in aimed.request.workloads:
        ref, base = workload.ref, aimed.bases.get(workload.key)
        patched = release_ref(ref, base.chart) if base and base.chart else ref
        if patched is None:  # a values file, which no build joins
            continue
        for cluster in aimed.target.clusters_of(workload.cluster):
            namespace, name = (
                rendered_namespace(cluster.name, ref.namespace),
                component_name(patched.kind, patched.name),
            )
            own = {path: content for path, content in files.items() if path.startswith(f"{namespace}/{name}/")}
            if own and isinstance(patched, ReleaseRef):
                from infra_scale.core.render.releases import release_files  # noqa: PLC0415 (only for charts)

                own |= dict(release_files(own, ()))
            made = component_files(namespace, [name], own) if own else {}
            for one in found.checked(patched, cluster.name, made) if made else ():
                yield from _of_build(aimed, workload, one, _covered(base, cluster.name))


def without_stranded(aimed: TargetedRequest, files: dict[str, bytes], manifests: "Manifests") -> dict[str, bytes]:
    """The rendered files without Components that would break an overlay and that no overlay can use (MAN-010)."""
    left_out = tuple(
        f"{rendered_namespace(fault.cluster, ref.namespace)}/{component_name(ref.kind, ref.name)}/"
        for workload in aimed.request.workloads
        for ref in (workload.ref,)
        if aimed.bases.get(workload.key) is None
        for fault in manifests.faults(aimed.target, workload, is_autoscaled=False)
        if fault.kind == "stranded"
    )
    return {path: content for path, content in files.items() if not path.startswith(left_out)} if left_out else files


def _covered(base: Base | None, cluster: str) -> frozenset[str]:
    """The files of steps that MAN-005 reports."""
    return frozenset(one.path for one in (base.overrulings if base else ()) if one.cluster == cluster)


def _of_build(aimed: TargetedRequest, workload: Workload, one: "Checked", covered: frozenset[str]) -> Iterator[Finding]:
    path, route = aimed.request.path, (*workload.route, "name")
    where = quoted(one.deployed.root or ".", "an overlay")
    if one.refused:
        message = f"{where} cannot be built with the Component of {workload.ref}: {_plain(one.refused.what)}"
        help = f"`kubectl kustomize` shows the same error for this folder; {_located(one.refused.place.file)} causes it"
        yield Finding("MAN-011", "error", message, path, route=route, help=help, workload=workload.ref)
    for difference in one.differences:
        is_own = (difference.kind, difference.name) == (workload.ref.kind, workload.ref.name)
        if is_own and difference.place.file in covered:
            continue
        message = f"{where} builds {_value(difference)}: {_located(difference.place.file)} decides."
        if difference.kind == "HelmRelease":
            yield Finding("HLM-003", "error", message, path, route=route, help=_FIX, workload=workload.ref)
            continue
        yield Finding("MAN-012", "warning", message, path, route=route, help=_FIX, workload=workload.ref)


def _value(one: "Difference") -> str:
    name = f"{one.kind}/{_plain(one.name)}"
    if not one.route:
        return f"no {name}"
    field = ".".join(_plain(str(step)) for step in one.route)
    built = "nothing" if one.built is None else _plain(one.built)
    return f"{built} as {field} of {name}, not {'nothing' if one.planned is None else _plain(one.planned)}"


def _located(path: str) -> str:
    return quoted(path, "a file")


def _plain(text: str) -> str:
    """A text of a file in one line of plain characters."""
    from infra_scale.core.manifests.workloads import shown  # noqa: PLC0415 (only for a finding)

    return shown(text)
