"""The workload of a request in one build, as it is where our Component is joined."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.bases import COMPANIONS, base_of, unknown_place, with_companions
from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.facts import SUBSTITUTED
from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.membership import companions, counterparts, name_for_patches, workloads
from infra_scale.core.manifests.outcome import Place, Reason
from infra_scale.core.manifests.provenance import decides
from infra_scale.core.manifests.state import Join
from infra_scale.core.manifests.targets import Target
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.manifest import Base
from infra_scale.model.names import RENDERED, component_name
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import PatchedRef, WorkloadRef

END = f"{RENDERED}/-"
"""A Component at each place that may join ours: no cluster is named like that."""


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
    unknown_at: Mapping[str, Place] = {}
    """Where the unknown fields of the base are written, by field."""
    scalers: tuple[tuple[str, Place], ...] = ()
    """The autoscalers of the base that have the name of ours: kind, and where each is declared."""


def candidates_in(root: str, build: Build, ref: WorkloadRef) -> Iterator[Candidate | Reason]:
    """A workload in the build of a root; why it may have it."""
    for final in named(build, ref):
        if final.unsure:
            yield _why_unsure(build, final)
            continue
        joins = [join for join in build.joins if _is_of(join, ref) and any(counterparts(join.before, final))]
        ends = [one for one in build.joins if one.component == END]
        join = next((one for one in joins or ends if any(counterparts(one.before, final))), ends[-1])
        before = next(counterparts(join.before, final), None)
        patch = name_for_patches(join.before, before) if before else None
        if before is None or patch is None:
            yield Reason(f"{root} builds it so that no patch can name it", join.place)
            continue
        base = base_of(before, final, _written(patch, before))
        if isinstance(patch, Target):
            base = base._replace(patch_target=tuple((key, value) for key, value in patch._asdict().items() if value))
        beside = companions(build, final)
        scalers = tuple(autoscalers(build, final, ref))
        base = with_companions(base, beside)._replace(autoscalers=frozenset(kind for kind, _ in scalers))
        places = {field: unknown_place(before, field) for field, _ in base.unknown}
        places |= [(COMPANIONS, one.place) for one in beside.unknown[:1]]
        yield Candidate(root, base, bool(joins), frozenset(map(_cluster, joins)), places, scalers)
    yield from _substituted(build, ref)


def _why_unsure(build: Build, final: Resource) -> Reason:
    known = (one for one in (*build.opens, *build.notes) if one.what == final.unsure)
    return next(known, Reason(final.unsure, final.place))


def named(build: Build, ref: PatchedRef) -> tuple[Resource, ...]:
    """The workload in a build: by the name that is built, else by one that it had before."""
    return workloads(build, ref.kind, ref.name, ref.object_namespace) or tuple(
        one
        for one in build.resources
        if one.id.kind == ref.kind
        and any(former.name == ref.name for former in one.former())
        and text_at(one.doc, "metadata", "namespace") in ("", ref.object_namespace)
    )


def _substituted(build: Build, ref: WorkloadRef) -> Iterator[Reason]:
    """Why a workload of this name may be in any namespace."""
    for one in build.resources:
        namespace = text_at(one.doc, "metadata", "namespace")
        if (one.id.kind, one.id.name) == (ref.kind, ref.name) and SUBSTITUTED in namespace:
            place = decides(one, ("metadata", "namespace"))
            yield Reason(f"Flux substitutes its namespace, {namespace}", place)


def _is_of(join: Join, ref: WorkloadRef) -> bool:
    """Whether a joined Component is about a workload."""
    _, _, inside = join.component.removeprefix(f"{RENDERED}/").partition("/")
    namespace, _, component = inside.partition("/")
    return namespace == ref.namespace and component in ("", component_name(ref.kind, ref.name))


def _cluster(join: Join) -> str:
    return join.component.removeprefix(f"{RENDERED}/").partition("/")[0]


def _written(patch: Id | Target, one: Resource) -> tuple[str, str]:
    """Name and namespace that a patch has to have; with a target, they decide nothing."""
    if isinstance(patch, Id) and patch != one.id:
        return patch.name, "" if patch.namespace == "default" else patch.namespace
    return one.id.name, str(text_at(one.doc, "metadata", "namespace"))


def autoscalers(build: Build, final: Resource, ref: WorkloadRef) -> Iterator[tuple[str, Place]]:
    """The autoscalers that a build has under the name that ours would have: kind, and where each is declared."""
    kinds = AUTOSCALER_KINDS.values()
    for one in build.resources:
        if one.id.kind in kinds and one.id.name == ref.name and one.id.namespace == final.id.namespace:
            yield str(one.id.kind), one.place
