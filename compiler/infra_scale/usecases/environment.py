"""Everything beside the requests that decides about plans, read from any state of a repository."""

from infra_scale.adapters import files
from infra_scale.core.compiling.context import Context
from infra_scale.core.documents.snapshot_reader import MAX_BYTES
from infra_scale.core.documents.target import manifest_folders
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.names import CLUSTERS, TARGETS
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source
from infra_scale.model.state import RepositoryState, read_folder

_EVERYTHING = Scope()


def context_of(state: RepositoryState, *, now: str, scope: Scope = _EVERYTHING, as_of: str | None = None) -> Context:
    """Targets, manifests, snapshots and prices of a state. Raises InfraScaleError.

    Snapshots are judged at `as_of`; by default, when the newest commit of the state was made.
    """
    targets = read_folder(state, TARGETS, limit=limits.MAX_BYTES)
    clusters = read_folder(state, CLUSTERS, limit=MAX_BYTES) if _have_clusters(targets) else ()
    return Context(
        _schemas(clusters),
        now,
        targets=targets,
        scope=scope,
        manifests=manifests_of(state, targets),
        clusters=clusters,
        as_of=as_of or (state.committed_at() if has_snapshot(clusters) else None),
        judges_anew=as_of is not None,
        enforcement=None,
    )


def manifests_of(state: RepositoryState, targets: tuple[Found, ...]) -> tuple[Found, ...]:
    """The files in the folders that targets name as `manifests`. Raises InfraScaleError."""
    trees = (read_folder(state, folder, limit=limits.MAX_MANIFEST_BYTES) for folder in folders_of_manifests(targets))
    return tuple(item for tree in trees for item in tree)


def folders_of_manifests(targets: tuple[Found, ...]) -> tuple[str, ...]:
    """The folders that targets name as `manifests`. Raises FilesError."""
    return manifest_folders(targets, schema=files.schema_text(catalogue.TARGET)) if targets else ()


def has_snapshot(clusters: tuple[Found, ...]) -> bool:
    """Whether there is a snapshot whose age counts."""
    return any(item.path.endswith("/snapshot.yaml") for item in clusters)


def _have_clusters(targets: tuple[Found, ...]) -> bool:
    """Whether any target may have a cluster: without one, snapshots are not read."""
    return any(isinstance(item, Source) and b"clusters" in item.content for item in targets)


def _schemas(clusters: tuple[Found, ...]) -> catalogue.Schemas:
    names = (catalogue.REQUEST, catalogue.TARGET, *((catalogue.SNAPSHOT, catalogue.PRICES) if clusters else ()))
    return catalogue.Schemas(*map(files.schema_text, names))
