"""Which builds deploy a workload to a cluster, and which of them join our Component of it."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.candidates import named
from infra_scale.core.manifests.delivery import Delivery, deliveries, delivery_objects
from infra_scale.core.manifests.membership import counterparts
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.overlays import roots
from infra_scale.core.manifests.state import Join
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.names import RENDERED, component_name, rendered_namespace
from infra_scale.model.overlay_pattern import matches
from infra_scale.model.source import Found
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, PatchedRef


class Deployed(NamedTuple):
    """One build that is applied: that of a root, or of a folder as Argo CD or Flux builds it."""

    root: str
    build: Build | Refused
    clusters: frozenset[str] | None
    """The names of the clusters that it is for; None: not known."""
    delivery: Delivery | None = None

    def is_for(self, cluster: str) -> bool | None:
        """Whether a cluster applies it; None: not known."""
        return None if self.clusters is None else cluster in self.clusters

    def has(self, ref: PatchedRef) -> bool:
        """Whether it builds a workload."""
        if not isinstance(self.build, Build):
            return False
        found = named(self.build, ref)
        into = self.delivery.namespace if self.delivery else ""
        return any(text_at(one.doc, "metadata", "namespace") or into in ("", ref.object_namespace) for one in found)

    def joins(self, components: Iterable[str]) -> Iterator[Join]:
        """Where it joins one of some Components."""
        if isinstance(self.build, Build):
            wanted = frozenset(components)
            yield from (join for join in self.build.joins if join.component in wanted)


def deployed(builder: Builder, files: Mapping[str, Found], target: Target) -> tuple[Deployed, ...]:
    """Everything that is built for a target from some files."""
    names = [cluster.name for cluster in target.clusters]
    delivered = deliveries(delivery_objects(files), files, names)
    found: list[Deployed] = []
    for one in delivered:
        build = builder.build(one.root, one.overrides, one.place)
        found.append(Deployed(one.root, build, clusters_of(one.root, build, target, one.cluster), one))
    own = {one.root for one in delivered}
    folders = {*roots(builder, files), *_mapped(files, target.clusters)} - own
    for root in sorted(folders):
        build = builder.build(root)
        found.append(Deployed(root, build, clusters_of(root, build, target, "")))
    return tuple(found)


def is_mapped(cluster: Cluster, folder: str) -> bool:
    """Whether a pattern among the `overlays` of a cluster matches a folder: `*` within one name."""
    return any(matches(pattern, folder) for pattern in cluster.overlays)


def _mapped(paths: Iterable[str], clusters: Iterable[Cluster]) -> set[str]:
    """The folders that clusters name as their overlays."""
    naming = [cluster for cluster in clusters if cluster.overlays]
    if not naming:
        return set()
    folders = {path.rpartition("/")[0] for path in paths}
    return {folder for folder in folders if any(is_mapped(cluster, folder) for cluster in naming)}


def clusters_of(root: str, build: Build | Refused, target: Target, delivered_to: str) -> frozenset[str] | None:
    """By the target's `overlays`, else by the object that delivers it, by our Components, by the names of folders."""
    mapped = frozenset(cluster.name for cluster in target.clusters if is_mapped(cluster, root))
    if mapped:
        return mapped
    if delivered_to:
        return frozenset((delivered_to,))
    joined = frozenset(_cluster_of(join.component) for join in build.joins) if isinstance(build, Build) else frozenset()
    names = frozenset(cluster.name for cluster in target.clusters)
    parts = frozenset(root.split("/"))
    if known := joined & names or parts & names:
        return known
    return names if len(names) == 1 and target.name in parts else None


def _cluster_of(component: str) -> str:
    inside = component.removeprefix(f"{RENDERED}/")
    return "" if inside == component else inside.partition("/")[0]


def components_for(cluster: str, ref: PatchedRef) -> tuple[str, str]:
    """The folders of our Components for a workload: its own, and that of its namespace."""
    namespace = rendered_namespace(cluster, ref.namespace)
    return posixpath.join(namespace, component_name(ref.kind, ref.name)), namespace


class Reach(NamedTuple):
    """How our Component of a workload reaches the builds of one cluster."""

    joined: tuple[Deployed, ...]
    missing: tuple[Deployed, ...]
    """Builds of the workload that do not join it."""
    broken: tuple[tuple[Deployed, Join], ...] = ()
    """Builds that join it, and do not have the workload: they can no longer be built."""


def reach(found: Iterable[Deployed], ref: PatchedRef, cluster: str) -> Reach:
    """Which builds join our Component of a workload, and which lack it."""
    found, components = tuple(found), components_for(cluster, ref)
    joined, broken = [], []
    for one in found:
        for join in one.joins(components):
            if _is_among(one, join, ref) is False:
                broken.append((one, join))
            elif one not in joined:
                joined.append(one)
    beside = [one for one in found if one.has(ref) and one not in joined and one.is_for(cluster) is not False]
    sure = [one for one in beside if one.is_for(cluster)]
    delivered = [one for one in beside if one.delivery]  # others may only list them
    return Reach(tuple(joined), tuple(sure if sure or joined else delivered or beside), tuple(broken))


def _is_among(one: Deployed, join: Join, ref: PatchedRef) -> bool | None:
    """Whether the objects at the place of joining have a workload, under any name; None: not known."""
    build = one.build
    if not isinstance(build, Build):
        return None
    final = named(build, ref)
    if any(before for after in final for before in counterparts(join.before, after)):
        return True
    is_named = any(
        before.id.kind == ref.kind and ref.name in (past.name for past in before.ids()) for before in join.before
    )
    return None if is_named or build.opens else False
