"""The changes for the clusters between two commits, or a commit and the work tree.

Nothing is written, nothing is fetched.
"""

import re
import shlex
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import git
from infra_scale.adapters.git import GitError
from infra_scale.adapters.states.commit import Commit
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.compiling.comparison import compare
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.errors import UsageError
from infra_scale.model.comparison import Comparison
from infra_scale.model.finding import Finding
from infra_scale.model.names import REQUESTS
from infra_scale.model.scope import Scope
from infra_scale.model.state import RepositoryState
from infra_scale.model.tagged import tagged
from infra_scale.usecases.compile import compile_state, generated_files, refuse_empty_scope, refuse_unused_target
from infra_scale.usecases.environment import context_of, facts_of

Chosen = Literal["named", "merge base", "HEAD"]
"""How the base was chosen: given, the merge base with the remote's default branch, or neither."""


class Base(NamedTuple):
    """A commit that is compared."""

    chosen: Chosen
    name: str
    """The given name; for a merge base, the remote's default branch."""
    commit: str
    """Its full SHA."""

    def words(self, shown: Callable[[str], str] = str) -> str:
        """The base as text; `shown` formats a name for the output."""
        where = f"the merge base with {shown(self.name)}" if self.chosen == "merge base" else shown(self.name)
        return f"{where} ({shown(self.commit[:7])})"


class Ends(NamedTuple):
    """Both sides of a comparison."""

    base: Base
    head: Base | None = None
    """None: the work tree."""

    def head_words(self, shown: Callable[[str], str] = str) -> str:
        """The head as text; `shown` formats a name for the output."""
        return self.head.words(shown) if self.head else "the work tree"


@tagged
class Refused(NamedTuple):
    """One side cannot be compared: requests of the scope, or their inputs, are invalid there."""

    ends: Ends
    is_head: bool
    """False: it is the base."""
    errors: tuple[Finding, ...]
    is_newest: bool = False
    """Whether the base is the newest commit: then there is no later one."""


@tagged
class Compared(NamedTuple):
    """Both sides, and the differences."""

    ends: Ends
    as_of: datetime | None
    """The time for the age of the snapshots of both sides; None: their age was not checked."""
    comparison: Comparison


def base_of(root: Path, name: str | None) -> Base:
    """The commit with a name; without a name, the merge base with the remote's default branch, else HEAD.

    Raises GitError if this clone does not have it, and UsageError for an empty name.
    """
    if name is not None and not name.strip():
        message = "the name of the base is empty"
        raise UsageError(message, hint="a variable may be unset; omit BASE for the default")
    if name is not None:
        for known in (name, *_at_remote(root, name)):
            commit = git.commit_of(root, known)
            if commit is not None:
                return Base("named", known, commit)
        raise _missing(root, name)
    head = git.commit_of(root, "HEAD")
    if head is None:
        message = "there is no commit to compare with"
        raise GitError(message, hint="commit something first")
    branch = git.default_branch(root)
    if branch is None or git.commit_of(root, branch) is None:
        return Base("HEAD", "HEAD", head)
    commit = git.merge_base(root, head, branch)
    if commit is None and git.is_shallow(root):
        message = f"this clone lacks the merge base of HEAD and {branch}"
        raise GitError(message, hint=_DEEPEN)
    return Base("merge base", branch, commit) if commit else Base("HEAD", "HEAD", head)


def ends_of(root: Path, name: str | None) -> Ends:
    """The ends that git means by a name: a base and the work tree, A..B (two commits), or A...B (the merge base of both
    and B). An omitted side is HEAD.

    Raises GitError if this clone does not have them, and UsageError for an empty name.
    """
    first, dots, last = _range(name or "")
    if not dots:
        return Ends(base_of(root, name))
    base, head = (base_of(root, one or "HEAD") for one in (first, last))
    if dots == "..":
        return Ends(base, head)
    commit = git.merge_base(root, base.commit, head.commit)
    if commit is None:
        message = f"this clone has no merge base of {base.name} and {head.name}"
        raise GitError(message, hint=_DEEPEN if git.is_shallow(root) else f"compare them with {first}..{last}")
    return Ends(Base("merge base", base.name, commit), head)


def _range(name: str) -> tuple[str, str, str]:
    """A, `..` or `...`, and B; git allows no two dots within the name of a branch or tag."""
    dots = "..." if "..." in name else ".."
    return name.partition(dots)


def diff(root: Path, ends: Ends, *, scope: Scope, now: datetime, as_of: datetime | None) -> Compared | Refused:
    """Compile both sides, and compare.

    The age of the snapshots of both sides is checked at `as_of`. Without it, no snapshot is refused for its age, so
    that time alone makes no difference; those too old at the newest commit are reported. Raises GitError, FilesError
    and UsageError.
    """
    base = ends.base
    after_state = Commit(root, ends.head.commit) if ends.head else WorkTree(root)
    with closing(after_state) as tree, closing(Commit(root, base.commit)) as commit:
        there, here = _Side(root, commit, now=now, as_of=as_of), _Side(root, tree, now=now, as_of=as_of)
        targets = (*there.context.targets, *here.context.targets)
        requests = (*commit.names(REQUESTS), *tree.names(REQUESTS)) if scope.paths else ()
        refuse_empty_scope(scope, requests, targets, lambda: generated_files(tree))
        before, errors = there.compiled(scope)
        if errors:
            is_newest = base.commit == git.commit_of(root, "HEAD")
            return Refused(ends, is_head=False, errors=errors, is_newest=is_newest)
        after, errors = here.compiled(scope, looks_at=frozenset(plan.metadata.target for plan in before.plans))
    if errors:
        return Refused(ends, is_head=True, errors=errors)
    planned = (plan.metadata.target for side in (before, after) for plan in side.plans)
    refuse_unused_target(scope, (*planned, *before.targets, *after.targets))
    newest = None if as_of else here.facts.as_of
    return Compared(ends, as_of, compare(before, after, scope, newest=newest))


class _Side:
    """One of the two states."""

    def __init__(self, root: Path, state: RepositoryState, *, now: datetime, as_of: datetime | None) -> None:
        self._root, self._state, self._as_of = root, state, as_of
        self.context = context_of(state)
        self.facts = facts_of(state, self.context.targets, now=now, as_of=as_of)

    def compiled(
        self, scope: Scope, *, looks_at: frozenset[str] = frozenset()
    ) -> tuple[Compilation, tuple[Finding, ...]]:
        """The whole state, because a workload may come from a request outside the scope; and the errors in the scope.

        `looks_at` are targets whose clusters are read even if they no longer have requests.
        """
        facts = self.facts._replace(as_of=self._as_of, looks_at=looks_at)
        compilation = compile_state(self._root, self._state, self.context, facts)
        if compilation.is_valid or scope.is_whole:
            return compilation, compilation.errors
        return compilation, compile_state(self._root, self._state, self.context._replace(scope=scope)).errors


_DEEPEN = "fetch the rest: `git fetch --unshallow` (in Actions: fetch-depth: 0)"


def _missing(root: Path, name: str) -> GitError:
    """Why a name is not a commit here, with the command that fetches it if a remote may have it."""
    message = f"this clone does not have the commit {name}"
    start = _RELATIVE.split(name, maxsplit=1)[0]
    is_here = any(git.commit_of(root, one) for one in (start, *_at_remote(root, start)))
    if is_here and git.is_shallow(root):
        return GitError(message, hint=_DEEPEN)
    remote = git.remote(root)
    if is_here or remote is None or not git.is_branch_name(start, folder=root):
        return GitError(message, hint="name a commit, branch or tag of this clone")
    return GitError(message, hint=f"fetch it: {_fetch(start, remote, is_shallow=git.is_shallow(root))}")


def _at_remote(root: Path, name: str) -> tuple[str, ...]:
    """The remote branch for a name that is not a local branch, as `git switch` resolves it."""
    remote = git.remote(root)
    return (f"{remote}/{name}",) if remote else ()


def _fetch(name: str, remote: str, *, is_shallow: bool) -> str:
    """The command that fetches a commit, branch or tag, even in a single-branch clone; the remote is not contacted."""
    depth = " --depth=1" if is_shallow else ""
    if _SHA.fullmatch(name):
        return f"`git fetch{depth} {remote} {name}` (in Actions: fetch-depth: 0)"
    tag = f"`git fetch{depth} --no-tags {remote} tag {shlex.quote(name)}`"
    branch = name.removeprefix(f"{remote}/")
    refs = shlex.quote(f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}")
    fetched = f"`git fetch{depth} {remote} {refs}`"
    if branch != name:
        return f"{fetched} (in Actions: fetch-depth: 0)"
    first, other, kind = (tag, fetched, "branch") if _VERSION.match(name) else (fetched, tag, "tag")
    return f"{first}, or if it is a {kind}: {other} (in Actions: fetch-depth: 0)"


_RELATIVE = re.compile(r"[~^@]")
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION = re.compile(r"v?\d")
