"""Branches, commits and trees."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING

from github import GithubException, InputGitTreeElement, UnknownObjectException
from github.Commit import Commit as RepositoryCommit
from github.GitCommit import GitCommit
from github.GitRef import GitRef
from github.GitTree import GitTree

from infra_scale.adapters.github.connection import Connection
from infra_scale.adapters.github.errors import explained
from infra_scale.ports.forge import Ahead, Commit

if TYPE_CHECKING:
    from github.NamedUser import NamedUser

_GITHUB = "web-flow"
"""The account of GitHub's own signatures."""
_MOST_COMMITS = 1000
"""The number of commits that are listed for a branch, 250 per call."""
_FILES_PER_TREE = 100
"""Larger trees are sent in parts, each based on the previous one: a single large request fails with 502."""


class Branches(Connection):
    """Commits and branches of a repository."""

    def head(self, branch: str) -> str | None:
        """The commit that a branch points at; None if it does not exist. Raises ForgeError."""
        with explained(self.name):
            try:
                return self.repository.get_git_ref(f"heads/{branch}").object.sha
            except UnknownObjectException:
                return None

    def branches(self, prefix: str) -> dict[str, str]:
        """The commits of all branches whose names begin with `prefix`. Raises ForgeError."""
        with explained(self.name):
            found = self.repository.get_git_matching_refs(f"heads/{prefix}")
            return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in found}

    def commit(self, sha: str) -> Commit:
        """A commit. Raises ForgeError."""
        with explained(self.name):
            found = self.repository.get_git_commit(sha)
            return Commit(found.sha, found.tree.sha, found.message, tuple(parent.sha for parent in found.parents))

    def ahead(self, base: str, head: str) -> Ahead | None:
        """The commits that `head` has and `base` lacks. Raises ForgeError.

        None if they have no common history, or `head` has more than 1,000 such commits.
        """
        with explained(self.name):
            try:
                found = self.repository.compare(base, head)
                commits = tuple(_commit(one) for one in islice(found.commits, _MOST_COMMITS + 1))
                merge_base = _commit(found.merge_base_commit)
            except GithubException as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                return None
        return Ahead(merge_base, commits) if len(commits) <= _MOST_COMMITS else None

    def entries(self, tree: str) -> dict[str, tuple[str, str]]:
        """Mode and id of each entry of a tree. Raises ForgeError."""
        with explained(self.name):
            return {entry.path: (entry.mode, entry.sha) for entry in self.repository.get_git_tree(tree).tree}

    def create_tree(self, base: Commit, changes: Mapping[str, bytes | None]) -> str:
        """Create a tree: `base` with `changes` (None deletes). Returns its SHA. Raises ForgeError."""
        elements = [_element(path, content) for path, content in sorted(changes.items())]
        with explained(self.name):
            tree = GitTree(self.repository.requester, {}, {"sha": base.tree}, completed=True)
            for start in range(0, len(elements), _FILES_PER_TREE):
                tree = self.repository.create_git_tree(elements[start : start + _FILES_PER_TREE], base_tree=tree)
            return tree.sha

    def create_commit(self, message: str, *, tree: str, parents: tuple[str, ...]) -> str:
        """Create a commit without author, so that GitHub signs it for an App or Actions. Raises ForgeError."""
        with explained(self.name):
            of = self.repository.requester
            above = [GitCommit(of, {}, {"sha": parent}, completed=True) for parent in parents]
            made = GitTree(of, {}, {"sha": tree}, completed=True)
            return self.repository.create_git_commit(message, made, above).sha

    def move_branch(self, branch: str, *, seen: str | None, to: str) -> None:
        """Create the branch (`seen` is None) or move it forward; never discard a commit. Raises ForgeError."""
        with explained(self.name):
            if seen is None:
                self.repository.create_git_ref(f"refs/heads/{branch}", to)
            else:
                # Not the ref's own `url`: refs are read from /git/ref/ but written to /git/refs/.
                place = {"url": f"{self.repository.url}/git/refs/heads/{branch}"}
                GitRef(self.repository.requester, {}, place, completed=True).edit(to, force=False)

    def delete_branch(self, branch: str, *, seen: str) -> None:
        """Delete a branch that still points at `seen`: GitHub compares and deletes in one step. Raises ForgeError."""
        update = {"name": f"refs/heads/{branch}", "beforeOid": seen, "afterOid": "0" * 40, "force": True}
        given = {"repositoryId": self.repository.node_id, "refUpdates": [update]}
        with explained(self.name):
            self.github.requester.graphql_named_mutation("updateRefs", given, "clientMutationId")


def _element(path: str, content: bytes | None) -> InputGitTreeElement:
    if content is None:
        return InputGitTreeElement(path, "100644", "blob", sha=None)
    return InputGitTreeElement(path, "100644", "blob", content=content.decode("utf-8"))


def _commit(found: RepositoryCommit) -> Commit:
    parents = tuple(parent.sha for parent in found.parents)
    return Commit(found.sha, found.commit.tree.sha, found.commit.message, parents, _verified_account(found))


def _verified_account(found: RepositoryCommit) -> str:
    """Anyone can write another name and address into a commit, so only authors verified by GitHub count.

    The signature is the author's own, or GitHub's for commits in the browser or by an app.
    """
    author: NamedUser | None = found.author  # null if no account has the address
    committer: NamedUser | None = found.committer
    if author is None or committer is None or not found.commit.verification.verified:
        return ""
    return author.login if committer.login in (author.login, _GITHUB) else ""
