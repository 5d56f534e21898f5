"""Verify that a branch has only content of infra-scale, by comparing its tree with that of base and proposal.

Trailers, author and committer of a commit prove nothing.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import commits, installation
from infra_scale.core.proposing import git_trees
from infra_scale.core.proposing.git_trees import Entry, Read, entries_at, tree_with
from infra_scale.core.proposing.trailers import read_trailers
from infra_scale.model.names import CLUSTERS, GENERATED, REQUESTS, TARGETS
from infra_scale.model.proposal import Files, Proposal, digest_of
from infra_scale.ports.forge import Ahead, Commit, Forge

_PROTECTED = (*GENERATED, REQUESTS, TARGETS, CLUSTERS)
"""Plans and their inputs: no other account may change these."""
_EARLIER = 5
"""The number of base commits, the last ones merged into the branch, for which a proposal is recomputed."""

Earlier = Callable[[str, str], Files]
"""What a run proposed on top of a commit for the key of a proposal. Raises CommitError."""

Kind = Literal["absent", "empty", "ours", "outdated", "foreign"]


class Content(NamedTuple):
    """The content of a branch."""

    kind: Kind
    """empty: no more than the base; ours: exactly a proposal, or one that was merged; outdated: by another version of
    infra-scale, whose proposals cannot be computed here; foreign: anything else."""
    digest: str | None = None
    """The digest of the proposal in the branch."""
    is_current: bool = False
    """Whether it has the current proposal, and merging it gives the base that tree."""

    def differs_from(self, proposal: Proposal) -> bool:
        """Whether it has another proposal, or one that cannot be verified."""
        return self.kind == "outdated" or self.digest not in (None, proposal.digest)


class Verifier(NamedTuple):
    """The inputs for comparing branches in one run."""

    forge: Forge
    base: Commit
    root: Path
    prefix: str
    """The path of the root in the repository: empty, or a path that ends with a slash."""
    objects: commits.Objects
    earlier: Earlier | None
    """The earlier proposals; None if they are unknown."""
    allowed: frozenset[str]
    """Accounts that may change other files."""

    def content(self, proposal: Proposal, head: str | None) -> Content:
        """The content of a proposal's branch, which points at `head`. Raises ForgeError and CommitError."""
        if head is None:
            return Content("absent")
        ahead = self.forge.ahead(self.base.sha, head)
        if ahead is None:
            return Content("foreign")
        if not ahead.commits:  # merged, or just created
            return Content("ours" if read_trailers(ahead.merge_base.message).target == proposal.key else "empty")
        named = next((found for one in reversed(ahead.commits) if (found := read_trailers(one.message).target)), None)
        if named != proposal.key:
            return Content("foreign")
        held = self._held(proposal, ahead)
        if held is None:
            return Content("outdated" if _is_outdated(ahead.commits[-1]) else "foreign")
        return Content("ours", digest_of(held), self._is_current(proposal, held, ahead))

    def _held(self, proposal: Proposal, ahead: Ahead) -> Files | None:
        """The proposed files in the branch, before commits of allowed accounts on top of them."""
        head = ahead.commits[-1]
        for commit in reversed(ahead.commits):
            onto = ahead.merge_base.tree if commit is head else self._tree_below(commit, ahead)
            for proposed in self._proposed(proposal, ahead) if onto else ():
                if self._tree(onto, proposed).id == commit.tree:
                    intact = commit is head or self._keeps_what_counts(proposed, ahead)
                    return proposed if intact else None
            if not commit.account or commit.account not in self.allowed:
                return None
        return None

    def _proposed(self, proposal: Proposal, ahead: Ahead) -> Iterator[Files]:
        """Possible contents of the branch, the likeliest first."""
        yield proposal.files
        if self.earlier:
            for commit in _bases(ahead)[:_EARLIER]:
                yield self.earlier(commit, proposal.key)

    def _tree_below(self, commit: Commit, ahead: Ahead) -> str:
        """The tree of the base commit that is the parent of a commit; empty if it has none."""
        above = {one.sha for one in ahead.commits}
        below = [parent for parent in commit.parents if parent not in above]
        return commits.tree_of(self.root, below[-1]) if below else ""

    def _keeps_what_counts(self, proposed: Files, ahead: Ahead) -> bool:
        """Whether plans and their inputs in the head equal the result of merging the proposal."""
        paths = [f"{self.prefix}{path}" for path in _PROTECTED]
        wanted = self._tree(ahead.merge_base.tree, proposed)

        def computed(tree: str) -> git_trees.Entries:
            return wanted.objects[tree] if tree in wanted.objects else self._read(tree)

        def remote(tree: str) -> git_trees.Entries:
            found = self.forge.entries(tree).items()
            return {name: Entry(mode.lstrip("0"), entry) for name, (mode, entry) in found}

        return entries_at(remote, ahead.commits[-1].tree, paths) == entries_at(computed, wanted.id, paths)

    def _is_current(self, proposal: Proposal, held: Files, ahead: Ahead) -> bool:
        if held != proposal.files:
            return False
        paths = [f"{self.prefix}{path}" for path in held]
        trees = {ahead.merge_base.tree, self.base.tree}
        before, *after = (entries_at(self._read, tree, paths) for tree in trees)
        return all(entries == before for entries in after)

    def _tree(self, onto: str, proposed: Files) -> git_trees.Tree:
        files = {f"{self.prefix}{path}": content for path, content in proposed.items()}
        return tree_with(self._read, onto, files)

    @property
    def _read(self) -> Read:
        return lambda tree: git_trees.entries(self.objects.tree(tree))


def _bases(ahead: Ahead) -> list[str]:
    """The base commits that the branch was built on, the newest first."""
    above = {one.sha for one in ahead.commits}
    parents = (parent for one in reversed(ahead.commits) for parent in reversed(one.parents) if parent not in above)
    return list(dict.fromkeys((ahead.merge_base.sha, *parents)))


def _is_outdated(head: Commit) -> bool:
    """Whether its trailers name another version of infra-scale: its content is replaced, never trusted."""
    generator = read_trailers(head.message).generator
    return bool(generator) and generator != fingerprint()


@cache
def fingerprint() -> str:
    """The version of infra-scale that makes a proposal."""
    return installation.fingerprint()
