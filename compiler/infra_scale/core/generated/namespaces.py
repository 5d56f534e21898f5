"""The Components of namespaces, which list those of workloads: files that several requests share."""

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain
from typing import NamedTuple

from infra_scale.core.documents.header import (
    COMPONENT_FILE,
    is_component_file,
    is_generated,
    is_namespace_file,
    is_release_file,
    is_release_part,
)
from infra_scale.core.render.components import namespace_file
from infra_scale.model.names import component_name, rendered_namespace
from infra_scale.model.scope import Scope, Shard
from infra_scale.model.target import Target, TargetedRequest

Folders = Set[str]
"""Folders of namespaces: ops/rendered/infra-scale/<cluster>/<namespace>."""


class Namespaces(NamedTuple):
    """The changes of the Components of namespaces."""

    files: dict[str, bytes]
    obsolete: tuple[str, ...]
    """The Components of namespaces that no request and no target names any more."""

    def with_more(self, other: "Namespaces") -> "Namespaces":
        """With the changes of other shared files."""
        return Namespaces({**self.files, **other.files}, (*self.obsolete, *other.obsolete))


def listed_folders(targets: Iterable[Target]) -> Iterator[str]:
    """The namespaces that always have a Component, so that an application can refer to it before the first request.

    Every namespace that a target lists for a cluster. Namespaces of requests (`folders_of`) have one as well.
    """
    for target in targets:
        for cluster in target.clusters:
            yield from (rendered_namespace(cluster.name, namespace) for namespace in cluster.namespaces)


def folders_of(aimed: TargetedRequest) -> Iterator[str]:
    """The namespaces of the workloads of a request, on every cluster of its target."""
    for cluster in aimed.target.clusters:
        for workload in aimed.request.workloads:
            yield rendered_namespace(cluster.name, workload.ref.namespace)


def selected_folders(
    scope: Scope, planned: Iterable[str], targets: Mapping[str, Target], changed: Iterable[str]
) -> "Selected":
    """The namespaces in the scope of a run: those of its plans, and those with changes."""
    if scope.is_whole:
        return Selected(frozenset(), whole=True, shard=scope.shard)
    folders = {*planned}
    folders |= {path.rpartition("/")[0].rpartition("/")[0] for path in changed if not is_namespace_file(path)}
    target = targets.get(scope.target) if scope.target and not scope.paths else None
    clusters = frozenset(cluster.name for cluster in target.clusters) if target else frozenset()
    return Selected(frozenset(folders), clusters)


class Selected(NamedTuple):
    """The namespaces in the scope of a run."""

    folders: Folders
    clusters: Set[str] = frozenset()
    """Clusters with all of their namespaces in scope."""
    whole: bool = False
    shard: Shard | None = None

    def has(self, folder: str) -> bool:
        """Whether the run updates the Component of this namespace."""
        if self.shard and not self.shard.has(folder):
            return False
        return self.whole or folder in self.folders or folder.split("/")[-2] in self.clusters


def components_of(aimed: TargetedRequest) -> Iterator[tuple[str, str]]:
    """The namespace and name of each workload's Component of a request that was not rendered."""
    for workload in aimed.request.workloads:
        base, ref = aimed.bases.get(workload.key), workload.ref
        for cluster in aimed.target.clusters_of(workload.cluster) if not (base and base.chart) else ():
            yield rendered_namespace(cluster.name, ref.namespace), component_name(ref.kind, ref.name)


def components(files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The namespace and the name of each workload's Component among some files."""
    for path in files:
        if is_component_file(path):
            folder, name, _ = path.rsplit("/", 2)
            yield folder, name


def namespaces(
    written: Iterable[tuple[str, str]], held: Mapping[str, bytes], known: Folders, selected: Selected, *, prunes: bool
) -> Namespaces:
    """The Components of the namespaces in scope, each with the workloads that it has after the run.

    `written` are the `components` that the run writes, `held` the other files that stay. Without `prunes`, no Component
    is deleted: an unreadable request may name its namespace.
    """
    joined: dict[str, set[str]] = {}
    staying = components(path for path, content in held.items() if is_generated(path, content))
    for folder, name in chain(written, staying):
        joined.setdefault(folder, set()).add(name)
    present = {path.rpartition("/")[0] for path, content in held.items() if is_namespace_file(path)}
    files, obsolete = {}, []
    for folder in sorted(present | joined.keys() | known):
        if selected.has(folder):
            path = f"{folder}/{COMPONENT_FILE}"
            if folder in joined or folder in known:
                files[path] = namespace_file(joined.get(folder, ()))
            elif prunes and is_generated(path, held[path]):
                obsolete.append(path)
    return Namespaces(files, tuple(obsolete))


def releases(
    parts: Mapping[str, bytes], held: Mapping[str, bytes], known: Iterable[str], selected: Selected, *, prunes: bool
) -> Namespaces:
    """The shared files of Helm releases in scope: from the `parts` that the run makes, and the others that stay."""
    staying = {path: content for path, content in held.items() if is_release_part(path) and is_generated(path, content)}
    known, present = [*known], [path for path in held if is_release_file(path)]
    if not (parts or staying or known or present):
        return Namespaces({}, ())
    from infra_scale.core.render.releases import release_files  # noqa: PLC0415 (only for repositories with charts)

    made = dict(release_files({**staying, **parts}, known))
    files = {path: content for path, content in made.items() if selected.has(_namespace_of(path))}
    gone = (path for path in present if path not in made and prunes and is_generated(path, held[path]))
    return Namespaces(files, tuple(path for path in gone if selected.has(_namespace_of(path))))


def _namespace_of(path: str) -> str:
    return path.rsplit("/", 2)[0]
