"""The inputs of plans besides the requests, read from any state of a repository."""

from typing import TYPE_CHECKING

from infra_scale.adapters import files
from infra_scale.core.compiling.context import Base, Context, Facts
from infra_scale.core.documents.target import manifest_folders
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.names import CLUSTERS, TARGETS
from infra_scale.model.scope import Scope
from infra_scale.model.source import SUBMODULE, Found, NotAFile, Source
from infra_scale.model.state import RepositoryState, read_folder

if TYPE_CHECKING:
    from datetime import datetime

    from infra_scale.usecases.streaming.manifests import KnownManifests

_EVERYTHING = Scope()


def context_of(
    state: RepositoryState,
    *,
    scope: Scope = _EVERYTHING,
    base: Base | None = None,
    known: "KnownManifests | None" = None,
) -> Context:
    """Targets and manifests of a state; the manifests as they are `known`. Raises InfraScaleError."""
    targets = read_folder(state, TARGETS, limit=limits.MAX_BYTES)
    schemas = catalogue.Schemas(*map(files.schema_text, (catalogue.REQUEST, catalogue.TARGET)))
    manifests = manifests_of(state, targets, known)
    return Context(schemas, targets, scope, manifests, base, known.facts if known else None)


def facts_of(
    state: RepositoryState,
    targets: tuple[Found, ...],
    *,
    now: "datetime",
    as_of: "datetime | None" = None,
    by_clock: bool = False,
) -> Facts:
    """Snapshots and prices of a state. Raises InfraScaleError.

    The age of snapshots is judged at `as_of`; by default at the time of the newest commit of the state, or with
    `by_clock` at `now` if that is later.
    """
    today, clock = now.date(), now if by_clock and as_of is None else None
    clusters = read_folder(state, CLUSTERS, limit=limits.MAX_SNAPSHOT_BYTES) if have_clusters(targets) else ()
    if not clusters:
        return Facts(today)
    if as_of is None:
        newest = state.committed_at() if _has_snapshot(clusters) else None
        as_of = max(filter(None, (newest, clock)), default=None)
    names = (catalogue.REQUEST, catalogue.TARGET, catalogue.SNAPSHOT, catalogue.PRICES)
    return Facts(today, clusters, catalogue.Schemas(*map(files.schema_text, names)), as_of, clock)


def manifests_of(
    state: RepositoryState, targets: tuple[Found, ...], known: "KnownManifests | None" = None
) -> tuple[Found, ...]:
    """The files in the folders that targets name as `manifests`. Raises InfraScaleError.

    Those of submodules are not read: neither the index nor a commit has them, and all have to give the same plans.
    """
    trees = (_manifests_below(state, folder, known) for folder in folders_of_manifests(targets))
    found = tuple(item for tree in trees for item in tree)
    inside = tuple(f"{item.path}/" for item in found if isinstance(item, NotAFile) and item.what == SUBMODULE)
    return tuple(item for item in found if not item.path.startswith(inside)) if inside else found


def _manifests_below(state: RepositoryState, folder: str, known: "KnownManifests | None") -> tuple[Found, ...]:
    """The files of a folder, or the submodule that it is in."""
    found = tuple(known.below(folder)) if known else read_folder(state, folder, limit=limits.MAX_MANIFEST_BYTES)
    above = (folder.rsplit("/", level)[0] for level in range(1, folder.count("/") + 1))
    return found or tuple(item for parent in above for item in state.names(parent) if item.path == parent)


def folders_of_manifests(targets: tuple[Found, ...]) -> tuple[str, ...]:
    """The folders that targets name as `manifests`. Raises FilesError."""
    return manifest_folders(targets, schema=files.schema_text(catalogue.TARGET)) if targets else ()


def _has_snapshot(clusters: tuple[Found, ...]) -> bool:
    """Whether there is a snapshot, so that the time matters."""
    return any(item.path.endswith("/snapshot.yaml") for item in clusters)


def have_clusters(targets: tuple[Found, ...]) -> bool:
    """Whether any target may have a cluster: without one, snapshots are not read."""
    return any(isinstance(item, Source) and b"clusters" in item.content for item in targets)
