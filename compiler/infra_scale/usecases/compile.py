"""Choose a state of the repository, compile its requests, and bring the generated tree up to date."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.adapters import git, objects
from infra_scale.adapters.states.index import Index
from infra_scale.adapters.states.memory import Memory
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Base, Context, Facts
from infra_scale.core.documents.header import origin
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError
from infra_scale.model.names import GENERATED, PLANS, REQUESTS, TARGETS, target_names
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source
from infra_scale.model.state import RepositoryState, read_folder
from infra_scale.usecases.environment import context_of, facts_of, folders_of_manifests, have_clusters
from infra_scale.usecases.outcome import Outcome
from infra_scale.usecases.streaming.generated import InIndex, InWorkTree, ReadOnly
from infra_scale.usecases.streaming.job import Job, Wants, Watch
from infra_scale.usecases.streaming.manifests import KnownManifests
from infra_scale.usecases.streaming.run import compile_plans, compile_requests

if TYPE_CHECKING:
    from datetime import datetime

_WATCHED = (REQUESTS, TARGETS, *GENERATED)
"""The folders with inputs of plans, the plans, and the rendered manifests."""


class How(NamedTuple):
    """Options of a compile."""

    as_of: "datetime | None" = None
    """The time for the age of snapshots; None: the time of the newest commit."""
    by_clock: bool = False
    """Whether the time of the run is used instead if it is later."""
    keep_going: bool = False
    """Whether a refused request prevents writing only its own files."""
    wants: Wants = Wants(writes=True)
    jobs: int | None = None
    watch: Watch | None = None
    uses_cache: bool = False
    """Whether the results of earlier runs are used."""
    base: Base | None = None
    """See Context."""


def compile_work_tree(root: Path, *, scope: Scope, now: "datetime", how: How) -> Outcome:
    """Compile the work tree, and write the changes if the mode requires it.

    Raises FilesError, GitError and UsageError.
    """
    with closing(WorkTree(root)) as tree:
        known = KnownManifests(tree, "manifests") if how.uses_cache else None
        context = context_of(tree, scope=scope, base=how.base, known=known)
        facts = _facts(tree, context, now, how)
        outcome = _compiled(context, Job(root, tree, InWorkTree(tree), how.wants, facts=facts, known=known), how)
    if not outcome.is_repeatable or (how.wants.world == "all" and have_clusters(context.targets)):
        return outcome  # a snapshot may be too old by the next commit or the next hour
    return outcome._replace(seen=(*_WATCHED, *folders_of_manifests(context.targets)))


def compile_staged(root: Path, *, scope: Scope, now: "datetime", how: How) -> Outcome | None:
    """Compile the staged files, whatever the work tree has; the changes are those that still have to be staged.

    None if only files are staged that no plan depends on. The work tree gets the files if the mode requires it; the
    index is never changed. Raises GitError, FilesError and UsageError.
    """
    staged = objects.staged_paths(root)
    if (
        not _concerns(staged, _WATCHED)
        and (staged or objects.has_staged(root))
        and not _concerns_manifests(root, staged)
    ):
        return None
    with closing(Index(root, _WATCHED)) as index:
        known = KnownManifests(index, "staged-manifests") if how.uses_cache else None
        context = context_of(index, scope=scope, base=how.base, known=known)
        requests = frozenset(item.path for item in index.names(REQUESTS))
        job = Job(root, index, InIndex(root, index, requests), how.wants, known=known)
        outcome = _compiled(context, job._replace(facts=_facts(index, context, now, how)), how)
    new = [change.path for change in outcome.changes if change.verb == "created"]
    return outcome._replace(ignored_by=git.ignoring(root, new) if new else None)


def compile_state(
    root: Path,
    state: RepositoryState,
    context: Context,
    facts: Facts | None = None,
    *,
    generated: RepositoryState | None = None,
) -> Compilation:
    """Compile the requests of a state, and keep their plans; nothing is written.

    They are compared with the generated files of another state, by default with none. With `facts`, findings of the
    world and forecasts are computed as well. Raises InfraScaleError.
    """
    wants = Wants(writes=False, plans=True, world="all" if facts else "none")
    job = Job(root, state, ReadOnly(generated or Memory()), wants, facts=(lambda: facts) if facts else None)
    return compile_plans(tuple(state.names(REQUESTS)), context, job)


def generated_files(state: RepositoryState) -> tuple[Found, ...]:
    """The generated files of a state. Raises InfraScaleError."""
    trees = (read_folder(state, folder, limit=limits.MAX_GENERATED_BYTES) for folder in GENERATED)
    return tuple(item for tree in trees for item in tree)


def _concerns(paths: Iterable[str], folders: Sequence[str]) -> bool:
    """Whether a path is one of the folders, below one, or at the path of one of their parents."""
    below = tuple(f"{folder}/" for folder in folders)
    return any(path.startswith(below) or any(inside.startswith(f"{path}/") for inside in below) for path in paths)


def _concerns_manifests(root: Path, paths: Iterable[str]) -> bool:
    """Whether any of the paths is in a folder that staged targets name as `manifests`. Raises GitError."""
    with closing(Index(root, (TARGETS,))) as index:
        targets = read_folder(index, TARGETS, limit=limits.MAX_BYTES)
        return _concerns(paths, folders_of_manifests(targets))


def _facts(state: RepositoryState, context: Context, now: "datetime", how: How) -> Callable[[], Facts]:
    return lambda: facts_of(state, context.targets, now=now, as_of=how.as_of, by_clock=how.by_clock)


def _compiled(context: Context, job: Job, how: How) -> Outcome:
    scope, state, requests = context.scope, job.state, tuple(job.state.names(REQUESTS))
    refuse_empty_scope(scope, requests, context.targets, lambda: generated_files(state))
    is_open = scope.target is not None and not context.targets
    planned = tuple(state.names(PLANS)) if is_open else ()  # before the run deletes any of them
    job = job._replace(keep_going=how.keep_going, jobs=how.jobs, watch=how.watch, uses_cache=how.uses_cache)
    outcome = compile_requests(requests, context, job)
    if is_open and not outcome.requests:
        refuse_unused_target(scope, (item.path.split("/")[PLANS.count("/") + 1] for item in planned))
    return outcome


def refuse_empty_scope(
    scope: Scope, found: Iterable[Found], targets: Sequence[Found], generated: Callable[[], tuple[Found, ...]]
) -> None:
    """Raise UsageError if a path or target does not exist: a typo must not look like success."""
    requests = {item.path for item in found} if scope.paths else set()
    missing = [path for path in scope.paths if not any(map(Scope(paths=(path,)).has_path, requests))]
    if missing:  # its plan may still exist
        named = (origin(item.path, item.content) for item in generated() if isinstance(item, Source))
        known = requests | {name for name in named if name}
        for path in missing:
            if not any(map(Scope(paths=(path,)).has_path, known)):
                message = f"there is no request at {path}"
                otherwise = "name a request file or a folder below requests/"
                raise UsageError(message, hint=did_you_mean(path, sorted(known), otherwise))
    if scope.target is not None and targets:
        names = target_names(item.path for item in targets)
        if scope.target not in names:
            message = f"there is no target {scope.target}"
            otherwise = f"known targets: {', '.join(names) or 'none'}"
            raise UsageError(message, hint=did_you_mean(scope.target, names, otherwise))


def refuse_unused_target(scope: Scope, used: Iterable[str]) -> None:
    """Raise UsageError for a target that is not `used`: without target files, it is a typo."""
    known = sorted(set(used))
    if scope.target is not None and scope.target not in known:
        message = f"no request is for the target {scope.target}"
        otherwise = "--target names the `target` of some requests"
        raise UsageError(message, hint=did_you_mean(scope.target, known, otherwise))
