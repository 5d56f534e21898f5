"""The workload of a request in one build, as it is where our Component is joined."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.manifests.bases import base_of, with_companions
from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.inventory import SUBSTITUTED
from infra_scale.core.manifests.membership import companions, counterparts, name_for_patches, workloads
from infra_scale.core.manifests.state import Join
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.manifest import Base
from infra_scale.model.names import RENDERED, component_name
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import PatchedRef, WorkloadRef

END = f"{RENDERED}/-"
"""A Component at the end of each root: no cluster is named like that."""


@tagged
class Candidate(NamedTuple):
    """A workload in one build."""

    root: str
    """The folder that is built; empty for files that no kustomization names."""
    base: Base
    is_joined: bool
    """Whether the root joins a Component of the workload."""
    clusters: frozenset[str] = frozenset()
    """The clusters whose Components it joins."""


def candidates_in(root: str, build: Build, ref: WorkloadRef) -> Iterator[Candidate | str]:
    """A workload in the build of a root; why it may have it."""
    for final in named(build, ref):
        if final.unsure:
            yield final.unsure
            continue
        joins = [join for join in build.joins if _is_of(join, ref) and any(counterparts(join.before, final))]
        join = (joins or [one for one in build.joins if one.component == END])[0]
        before = next(counterparts(join.before, final), None)
        patch = name_for_patches(join.before, before) if before else None
        if before is None or not isinstance(patch, Id):
            yield f"{root} builds it so that no patch can name it"
            continue
        base = base_of(before, final, (patch.name, _namespace_of(patch, before)))
        base = with_companions(base, companions(build, final))
        clusters = frozenset(map(_cluster, joins))
        base = base._replace(autoscalers=autoscalers(build, final, ref))
        yield Candidate(root, base, bool(joins), clusters)
    yield from _substituted(build, ref)


def named(build: Build, ref: PatchedRef) -> tuple[Resource, ...]:
    """The workload in a build: by the name that is built, else by one that it had before."""
    return workloads(build, ref.kind, ref.name, ref.object_namespace) or tuple(
        one
        for one in build.resources
        if one.id.kind == ref.kind
        and any(former.name == ref.name for former in one.former())
        and text_at(one.doc, "metadata", "namespace") in ("", ref.object_namespace)
    )


def _substituted(build: Build, ref: WorkloadRef) -> Iterator[str]:
    """Why a workload of this name may be in any namespace."""
    for one in build.resources:
        namespace = text_at(one.doc, "metadata", "namespace")
        if (one.id.kind, one.id.name) == (ref.kind, ref.name) and SUBSTITUTED in namespace:
            yield f"Flux substitutes its namespace, {namespace}"


def _is_of(join: Join, ref: WorkloadRef) -> bool:
    """Whether a joined Component is about a workload."""
    _, _, inside = join.component.removeprefix(f"{RENDERED}/").partition("/")
    namespace, _, component = inside.partition("/")
    return namespace == ref.namespace and component in ("", component_name(ref.kind, ref.name))


def _cluster(join: Join) -> str:
    return join.component.removeprefix(f"{RENDERED}/").partition("/")[0]


def _namespace_of(patch: Id, one: Resource) -> str:
    """The namespace that a patch has to name."""
    if patch != one.id:
        return "" if patch.namespace == "default" else patch.namespace
    return str(text_at(one.doc, "metadata", "namespace"))


def autoscalers(build: Build, final: Resource, ref: WorkloadRef) -> frozenset[str]:
    """The kinds of autoscalers that a build has under the name that ours would have."""
    kinds = AUTOSCALER_KINDS.values()
    return frozenset(
        one.id.kind
        for one in build.resources
        if one.id.kind in kinds and one.id.name == ref.name and one.id.namespace == final.id.namespace
    )
