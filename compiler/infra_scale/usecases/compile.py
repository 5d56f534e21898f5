"""Discover, compile, compare, write: from requests to the generated tree."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from infra_scale.adapters import files, git
from infra_scale.core.compile import Compilation, Context, compile
from infra_scale.core.reading.target import manifest_folders
from infra_scale.core.render.generated import origin
from infra_scale.core.render.tree import contents
from infra_scale.core.schema import catalogue
from infra_scale.core.schema.wording import nearest
from infra_scale.core.syntax import limits
from infra_scale.errors import UsageError
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import PLANS, REQUESTS, TARGETS
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source, Sources
from infra_scale.usecases.outcome import Outcome

_WATCHED = (REQUESTS, TARGETS, "ops/clusters", PLANS)
"""Whatever decides about a plan, and the plans."""

_MANIFEST_BYTES = 1024 * 1024
"""Size of a manifest that is read."""


def compile_work_tree(root: Path, *, scope: Scope, now: str, keep_going: bool = False, write: bool = True) -> Outcome:
    """Compile the files as they lie in the work tree, and with `write` bring the generated tree in step.

    A refused request keeps everything from being written, unless `keep_going`. Raises FilesError and UsageError.
    """
    generated = files.read_tree(root, PLANS, limit=limits.MAX_GENERATED_BYTES) or files.Tree((), ())
    targets = _read(root, TARGETS)
    manifests = chain.from_iterable(_read(root, folder, limit=_MANIFEST_BYTES) for folder in _manifest_folders(targets))
    sources = Sources(_read(root, REQUESTS), targets, generated.found, manifests=tuple(manifests))
    compilation = _compile(sources, scope=scope, now=now)
    changes = _changes(compilation, contents(sources.generated), keep_going=keep_going)
    if write and (changes or generated.unfinished):
        files.write_changes(root, PLANS, changes, unfinished=generated.unfinished)
    return Outcome(compilation, changes, compared=compilation.is_valid or keep_going)


def compile_staged(
    root: Path, *, scope: Scope, now: str, keep_going: bool = False, write: bool = True
) -> Outcome | None:
    """Compile what is staged, whatever else lies around; the changes are those that still have to be staged.

    None when something is staged that no plan depends on: then there is nothing to look at. With `write`, the work tree
    gets the files; the index is never touched. Raises GitError, FilesError and UsageError.
    """
    targets = git.staged_files(root, TARGETS, limit=limits.MAX_BYTES)
    folders = _manifest_folders(targets)
    if git.staged_paths(root) and not git.staged_paths(root, folders=(*_WATCHED, *folders)):
        return None
    generated = git.staged_files(root, PLANS, limit=limits.MAX_GENERATED_BYTES)
    requests = git.staged_files(root, REQUESTS, limit=limits.MAX_BYTES)
    manifests = chain.from_iterable(git.staged_files(root, folder, limit=_MANIFEST_BYTES) for folder in folders)
    lying = files.read_tree(root, PLANS, limit=limits.MAX_GENERATED_BYTES) or files.Tree((), ())
    known = (*generated, *_unstaged_plans(lying.found, generated, requests))
    sources = Sources(requests, targets, known, _untracked(lying.found, known), tuple(manifests))
    compilation = _compile(sources, scope=scope, now=now)
    changes = _changes(compilation, contents(generated), keep_going=keep_going)
    if write:
        present = contents(lying.found)
        needed = [change for change in changes if present.get(change.path) != change.after]
        if needed or lying.unfinished:
            files.write_changes(root, PLANS, needed, unfinished=lying.unfinished)
    new = [change.path for change in changes if change.before is None]
    ignored_by = git.ignoring(root, new) if new else None
    return Outcome(compilation, changes, compared=compilation.is_valid or keep_going, ignored_by=ignored_by)


def _manifest_folders(targets: tuple[Found, ...]) -> tuple[str, ...]:
    return manifest_folders(targets, schema=files.schema_text(catalogue.TARGET)) if targets else ()


def _read(root: Path, folder: str, *, limit: int = limits.MAX_BYTES) -> tuple[Found, ...]:
    tree = files.read_tree(root, folder, limit=limit)
    return tree.found if tree else ()


def _compile(sources: Sources, *, scope: Scope, now: str) -> Compilation:
    _refuse_empty_scope(scope, sources)
    schemas = catalogue.Schemas(
        request=files.schema_text(catalogue.REQUEST), target=files.schema_text(catalogue.TARGET)
    )
    context = Context(
        schemas,
        now,
        targets=sources.targets,
        generated=sources.generated,
        untracked=sources.untracked,
        scope=scope,
        manifests=sources.manifests,
    )
    compilation = compile(sources.requests, context)
    _refuse_unused_target(scope, compilation, sources)
    return compilation


def _unstaged_plans(
    lying: tuple[Found, ...], staged: tuple[Found, ...], requests: tuple[Found, ...]
) -> Iterator[Found]:
    """Generated files that are not staged yet, of requests that are: a second run must keep their createdAt."""
    paths, asked = {item.path for item in staged}, {item.path for item in requests}
    for item in lying:
        if isinstance(item, Source) and item.path not in paths and origin(item.path, item.content) in asked:
            yield item


def _untracked(lying: tuple[Found, ...], known: tuple[Found, ...]) -> tuple[Found, ...]:
    paths = {item.path for item in known}
    return tuple(item for item in lying if item.path not in paths)


def _refuse_empty_scope(scope: Scope, sources: Sources) -> None:
    named = (origin(item.path, item.content) for item in sources.generated if isinstance(item, Source))
    known = {item.path for item in sources.requests} | {name for name in named if name}
    for path in scope.paths:
        if not any(Scope(paths=(path,)).has_path(request) for request in known):
            close = nearest(path, sorted(known))
            hint = f"did you mean {close}?" if close else "name a request file or a folder below requests/"
            message = f"there is no request at {path}"
            raise UsageError(message, hint=hint)
    if scope.target is not None and sources.targets:
        names = (item.path.removeprefix(f"{TARGETS}/") for item in sources.targets)
        targets = sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))
        if scope.target not in targets:
            close = nearest(scope.target, targets)
            hint = f"did you mean {close}?" if close else f"known targets: {', '.join(targets) or 'none'}"
            message = f"there is no target {scope.target}"
            raise UsageError(message, hint=hint)


def _refuse_unused_target(scope: Scope, compilation: Compilation, sources: Sources) -> None:
    """Where any name may be a target, one that neither a request nor a plan has is a slip of the pen."""
    if scope.target is None or sources.targets or compilation.requests:
        return
    planned = sorted({item.path.split("/")[PLANS.count("/") + 1] for item in sources.generated})
    if scope.target not in planned:
        close = nearest(scope.target, planned)
        hint = f"did you mean {close}?" if close else "--target names the `target` of some requests"
        message = f"no request is for the target {scope.target}"
        raise UsageError(message, hint=hint)


def _changes(compilation: Compilation, committed: Mapping[str, bytes], *, keep_going: bool) -> tuple[FileChange, ...]:
    if not (compilation.is_valid or keep_going):
        return ()
    wanted = {**compilation.files, **dict.fromkeys(compilation.obsolete)}
    changes = (FileChange(path, committed.get(path), after) for path, after in sorted(wanted.items()))
    return tuple(change for change in changes if change.before != change.after)
