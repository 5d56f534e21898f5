"""Discover, compile, compare, write: from requests to the generated tree."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import checkout, files, git, objects
from infra_scale.adapters.checkout import LeftOut
from infra_scale.adapters.index import Index
from infra_scale.core.compiling.context import Base, Context, Facts
from infra_scale.core.documents.header import origin
from infra_scale.core.documents.target import manifest_folders
from infra_scale.core.schema import catalogue
from infra_scale.core.schema.wording import nearest
from infra_scale.core.syntax import limits
from infra_scale.errors import UsageError
from infra_scale.model.names import CLUSTERS, GENERATED, PLANS, REQUESTS, TARGETS, target_names
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source, Sources
from infra_scale.usecases.gradual.job import Job, Wants, Watch
from infra_scale.usecases.gradual.run import compile_gradually
from infra_scale.usecases.gradual.trees import Staged, Tree, WorkTree
from infra_scale.usecases.outcome import Outcome, Seen

_WATCHED = (REQUESTS, TARGETS, *GENERATED)
"""Whatever decides about a plan, the plans, and what is rendered from them."""


class How(NamedTuple):
    """How the work tree is to be compiled."""

    as_of: str | None = None
    """The time to judge the age of snapshots by, RFC 3339; None: when the newest commit was made."""
    by_clock: bool = False
    """Whether it is the time of the run instead, where that is later."""
    keep_going: bool = False
    """Whether a refused request keeps only its own files from being written."""
    wants: Wants = Wants(writes=True)
    jobs: int | None = None
    watch: Watch | None = None
    uses_cache: bool = False
    """Whether what earlier runs have found is believed where nothing of it has changed."""
    base: Base | None = None
    """See Context."""


def compile_work_tree(root: Path, *, scope: Scope, now: str, how: How) -> Outcome:
    """Compile the files as they lie in the work tree, and bring the generated tree in step where that is wanted.

    Raises FilesError, GitError and UsageError.
    """
    with closing(LeftOut(root)) as left_out:
        tree = WorkTree(root, left_out)
        sources = _named_sources(tree)
        outcome = _compiled(tree, sources, scope=scope, now=now, how=how)
    if not outcome.is_repeatable or (how.wants.world == "all" and have_clusters(sources.targets)):
        return outcome  # the next commit, or the next hour, may show a snapshot to be too old
    return outcome._replace(seen=Seen((*_WATCHED, *folders_of_manifests(sources.targets)), None))


def compile_staged(root: Path, *, scope: Scope, now: str, how: How) -> Outcome | None:
    """Compile what is staged, whatever else lies around; the changes are those that still have to be staged.

    None when something is staged that no plan depends on: then there is nothing to look at. The work tree gets the
    files where that is wanted; the index is never touched. Raises GitError, FilesError and UsageError.
    """
    staged = objects.staged_paths(root)
    if (
        not _concerns(staged, _WATCHED)
        and (staged or objects.has_staged(root))
        and not _concerns_manifests(root, staged)
    ):
        return None
    index = Index(root, _WATCHED)
    try:
        sources = _staged_sources(index)
        tree = Staged(root, index, frozenset(item.path for item in sources.requests))
        outcome = _compiled(tree, sources, scope=scope, now=now, how=how)
    finally:
        index.close()
    new = [change.path for change in outcome.changes if change.verb == "created"]
    return outcome._replace(ignored_by=git.ignoring(root, new) if new else None)


def _concerns(paths: Iterable[str], folders: Sequence[str]) -> bool:
    """Whether a path is one of the folders, below one, or in the place of a folder above one."""
    below = tuple(f"{folder}/" for folder in folders)
    return any(path.startswith(below) or any(inside.startswith(f"{path}/") for inside in below) for path in paths)


def _concerns_manifests(root: Path, paths: Iterable[str]) -> bool:
    """Whether any of the paths lies in a folder that staged targets name as `manifests`. Raises GitError."""
    index = Index(root, (TARGETS,))
    try:
        return _concerns(paths, folders_of_manifests(index.files(TARGETS, limit=limits.MAX_BYTES)))
    finally:
        index.close()


def _compiled(tree: Tree, sources: Sources, *, scope: Scope, now: str, how: How) -> Outcome:
    refuse_empty_scope(scope, sources, tree.root)
    is_open = scope.target is not None and not sources.targets
    planned = tuple(tree.names(PLANS)) if is_open else ()  # before the run takes any of it away
    job = Job(tree, how.wants, how.keep_going, how.jobs, how.watch, how.uses_cache)
    context = context_of(sources, scope=scope)._replace(base=how.base)
    outcome = compile_gradually(sources.requests, context, job, lambda: _facts(tree.root, sources, now=now, how=how))
    if is_open and not outcome.requests:
        _refuse_unused_target(scope, planned)
    return outcome


def _facts(root: Path, sources: Sources, *, now: str, how: How) -> Facts:
    """What is shown beside plans is worked out from. Raises FilesError and GitError."""
    clock = now if how.by_clock and how.as_of is None else None
    return work_tree_facts(root, sources.targets, now=now, as_of=how.as_of, clock=clock)


def work_tree_facts(
    root: Path, targets: tuple[Found, ...], *, now: str, as_of: str | None = None, clock: str | None = None
) -> Facts:
    """What the work tree holds of clusters; of no other time than `as_of`, their age is judged by the newest commit.

    With a `clock`, by that where it is later. Raises FilesError and GitError.
    """
    from infra_scale.core.capacity.freshness import later  # noqa: PLC0415 (only where snapshots are looked at)
    from infra_scale.core.documents.snapshot_reader import MAX_BYTES  # noqa: PLC0415 (likewise)

    today = now[: len("2026-01-31")]
    clusters = _read(root, CLUSTERS, limit=MAX_BYTES) if have_clusters(targets) else ()
    if not clusters:
        return Facts(today)
    if as_of is None:
        as_of = git.newest_commit(root) if _has_snapshot(clusters) else None
        as_of = later(as_of, clock) if clock else as_of
    return Facts(today, clusters, schemas_for(clusters), as_of, clock)


def lying_sources(root: Path, generated: tuple[Found, ...]) -> Sources:
    """What the work tree holds, to be compared with `generated`. Raises FilesError."""
    with closing(LeftOut(root)) as left_out:
        named = _named_sources(WorkTree(root, left_out))
    return named._replace(requests=_read(root, REQUESTS), generated=generated)


def _named_sources(tree: WorkTree) -> Sources:
    """What the work tree holds: of requests the names, and nothing of what is generated."""
    targets = _read(tree.root, TARGETS)
    return Sources(tuple(tree.names(REQUESTS)), targets, (), manifests=lying_manifests(tree.root, targets))


def _staged_sources(index: Index) -> Sources:
    """What the index holds: of requests the names, and nothing of what is generated."""
    targets = index.files(TARGETS, limit=limits.MAX_BYTES)
    folders = folders_of_manifests(targets)
    index.look_into(folders)
    trees = (index.files(folder, limit=limits.MAX_MANIFEST_BYTES) for folder in folders)
    return Sources(tuple(index.names(REQUESTS)), targets, (), manifests=tuple(chain.from_iterable(trees)))


def lying_manifests(root: Path, targets: tuple[Found, ...]) -> tuple[Found, ...]:
    """What lies in the folders that some targets name as `manifests`. Raises FilesError."""
    trees = (_read(root, folder, limit=limits.MAX_MANIFEST_BYTES) for folder in folders_of_manifests(targets))
    return tuple(chain.from_iterable(trees))


def have_clusters(targets: tuple[Found, ...]) -> bool:
    """Whether any target may have a cluster: without one, nobody looks for snapshots."""
    return any(isinstance(item, Source) and b"clusters" in item.content for item in targets)


def _has_snapshot(clusters: tuple[Found, ...]) -> bool:
    return any(item.path.endswith("/snapshot.yaml") for item in clusters)


def lying_generated(root: Path) -> tuple[Found, ...]:
    """What lies in the folders of generated files. Raises FilesError."""
    trees = (_read(root, folder, limit=limits.MAX_GENERATED_BYTES) for folder in GENERATED)
    return tuple(chain.from_iterable(trees))


def folders_of_manifests(targets: tuple[Found, ...]) -> tuple[str, ...]:
    """The folders that targets name as `manifests`. Raises FilesError."""
    return manifest_folders(targets, schema=files.schema_text(catalogue.TARGET)) if targets else ()


def _read(root: Path, folder: str, *, limit: int = limits.MAX_BYTES) -> tuple[Found, ...]:
    return checkout.read_tree(root, folder, limit=limit) or ()


def context_of(sources: Sources, *, scope: Scope) -> Context:
    """Everything beside the requests that decides about plans. Raises FilesError."""
    return Context(
        schemas_for(()),
        targets=sources.targets,
        generated=sources.generated,
        scope=scope,
        manifests=sources.manifests,
    )


def schemas_for(clusters: tuple[Found, ...]) -> catalogue.Schemas:
    """The schemas of what is read. Raises FilesError."""
    names = (catalogue.REQUEST, catalogue.TARGET, *((catalogue.SNAPSHOT, catalogue.PRICES) if clusters else ()))
    return catalogue.Schemas(*map(files.schema_text, names))


def refuse_empty_scope(scope: Scope, sources: Sources, root: Path) -> None:
    """Raise UsageError where a path or a target names nothing: a slip of the pen must not look like success."""
    requests = {item.path for item in sources.requests}
    missing = [path for path in scope.paths if not any(map(Scope(paths=(path,)).has_path, requests))]
    if missing:  # a plan may be left of it
        generated = sources.generated or lying_generated(root)
        named = (origin(item.path, item.content) for item in generated if isinstance(item, Source))
        known = requests | {name for name in named if name}
        for path in missing:
            if not any(map(Scope(paths=(path,)).has_path, known)):
                close = nearest(path, sorted(known))
                hint = f"did you mean {close}?" if close else "name a request file or a folder below requests/"
                message = f"there is no request at {path}"
                raise UsageError(message, hint=hint)
    if scope.target is not None and sources.targets:
        targets = target_names(item.path for item in sources.targets)
        if scope.target not in targets:
            close = nearest(scope.target, targets)
            hint = f"did you mean {close}?" if close else f"known targets: {', '.join(targets) or 'none'}"
            message = f"there is no target {scope.target}"
            raise UsageError(message, hint=hint)


def _refuse_unused_target(scope: Scope, generated: tuple[Found, ...]) -> None:
    """Where any name may be a target, one that neither a request nor a plan has is a slip of the pen."""
    plans = (item.path for item in generated if item.path.startswith(f"{PLANS}/"))
    planned = sorted({path.split("/")[PLANS.count("/") + 1] for path in plans})
    if scope.target is not None and scope.target not in planned:
        close = nearest(scope.target, planned)
        hint = f"did you mean {close}?" if close else "--target names the `target` of some requests"
        message = f"no request is for the target {scope.target}"
        raise UsageError(message, hint=hint)
