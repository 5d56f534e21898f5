"""The builds that join the rendered Components of a request: what they hold, compared with its plan."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from infra_scale.model.helm import release_ref
from infra_scale.model.manifest import NO_FAULTS, Base, Fault, Faults
from infra_scale.model.names import component_name, quoted, rendered_namespace
from infra_scale.model.request import Workload
from infra_scale.model.target import TargetedRequest
from infra_scale.model.workload import PatchedRef, ReleaseRef

if TYPE_CHECKING:
    from infra_scale.core.manifests.promised import Checked, Difference
    from infra_scale.core.manifests.workloads import Manifests

_SAME = "`kubectl kustomize` shows the same error for this folder"
_MOST = 3
"""So many unknown parts of one build are listed."""


def build_faults(aimed: TargetedRequest, files: Mapping[str, bytes], manifests: "Manifests") -> Faults:
    """The builds that the Components of a request break, the values that they change, and what is unknown of them."""
    if not aimed.target.manifests:
        return NO_FAULTS
    found = {workload.key: (*_of_workload(aimed, workload, files, manifests),) for workload in aimed.request.workloads}
    return {key: faults for key, faults in found.items() if faults}


def _of_workload(
    aimed: TargetedRequest, workload: Workload, files: Mapping[str, bytes], manifests: "Manifests"
) -> Iterator[Fault]:
    from infra_scale.core.manifests.promised import component_files  # noqa: PLC0415 (only where a target names manifests)

    ref, base, found = workload.ref, aimed.bases.get(workload.key), manifests.deployments(aimed.target)
    patched = release_ref(ref, base.chart) if base and base.chart else ref
    if base and base.chart:
        from infra_scale.core.helm.contradictions import contradictions  # noqa: PLC0415 (only for charts)

        yield from contradictions(aimed, workload)
    if patched is None:  # a values file, which no build joins
        return
    for cluster in aimed.target.clusters_of(workload.cluster):
        namespace, name = rendered_namespace(cluster.name, ref.namespace), component_name(patched.kind, patched.name)
        own = {path: content for path, content in files.items() if path.startswith(f"{namespace}/{name}/")}
        if own and isinstance(patched, ReleaseRef):
            from infra_scale.core.render.releases import release_files  # noqa: PLC0415 (only for charts)

            own |= dict(release_files(own, ()))
        made = component_files(namespace, [name], own) if own else {}
        for one in found.checked(patched, cluster.name, made) if made else ():
            yield from _of_build(patched, one, base, cluster.name)


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


def _of_build(ref: PatchedRef, one: "Checked", base: Base | None, cluster: str) -> Iterator[Fault]:
    where = quoted(one.deployed.root or ".", "an overlay")
    if one.refused:
        what = f"{where} cannot be built with the Component of {ref}: {_plain(one.refused.what)}"
        yield Fault("refused", cluster, what, f"{_SAME}; {one.located(one.refused.place)} causes it")
    covered = {each.path for each in (base.overrulings if base else ()) if each.cluster == cluster}
    for difference in one.differences:
        is_own = (difference.kind, difference.name) == (ref.kind, ref.name)
        if not (is_own and difference.place.file in covered):  # MAN-005 reports these
            place = one.located(difference.place, difference.route)
            kind: Literal["overridden", "changed"] = "overridden" if ref.kind == "HelmRelease" else "changed"
            yield Fault(kind, cluster, f"{where} builds {_value(difference)}: {place} decides", "")
    known = [reason for _, reason in base.unknown] if base else []
    unknown = [
        each for each in one.unknown if not any(each.what in reason for reason in known)
    ]  # MAN-008 reports these
    for reason in unknown[:_MOST]:
        place = one.located(reason.place)
        what = f"{where} is not checked completely with the Component of {ref}: {_plain(reason.what)} ({place})"
        yield Fault("unchecked", cluster, what, "")


def _value(one: "Difference") -> str:
    name = f"{one.kind}/{_plain(one.name)}"
    if not one.route:
        return f"no {name}"
    field = ".".join(_plain(str(step)) for step in one.route)
    built = "nothing" if one.built is None else _plain(one.built)
    return f"{built} as {field} of {name}, not {'nothing' if one.planned is None else _plain(one.planned)}"


def _plain(text: str) -> str:
    """A text of a file in one line of plain characters."""
    from infra_scale.core.manifests.outcome import shown  # noqa: PLC0415 (only for a finding)

    return shown(text)
