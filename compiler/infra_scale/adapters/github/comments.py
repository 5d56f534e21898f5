"""Comments on pull requests, and the files of other open pull requests."""

from base64 import b64decode
from itertools import islice

from github import UnknownObjectException

from infra_scale.adapters.github.connection import Connection
from infra_scale.adapters.github.errors import explained
from infra_scale.adapters.github.pulls import account_of
from infra_scale.ports.forge import Changed, Comment, Pull

_PER_CALL = 100
_MOST_FILES = 3 * _PER_CALL
"""The number of files that are listed for a pull request."""


class Comments(Connection):
    """Comments and files of pull requests."""

    def comment_once(self, pull: Pull, *, marker: str, text: str) -> None:
        """Comment, unless a comment with this marker exists. Raises ForgeError."""
        if self.comment_of(pull.number, marker=marker) is None:
            self.write_comment(pull.number, f"{marker}\n{text}")

    def comment_of(self, number: int, *, marker: str) -> Comment | None:
        """The first comment with this marker by the token's own account: anyone can copy a marker.

        Raises ForgeError.
        """
        with explained(self.name):
            for found in self.handle(number).get_issue_comments():
                if marker in found.body and account_of(found.user) == self.account:
                    return Comment(found.id, found.body)
            return None

    def write_comment(self, number: int, text: str) -> None:
        """Comment on a pull request. Raises ForgeError."""
        with explained(self.name):
            self.handle(number).create_issue_comment(text)

    def edit_comment(self, number: int, comment: Comment, text: str) -> None:
        """Replace the text of a comment. Raises ForgeError."""
        with explained(self.name):
            self.handle(number).get_issue_comment(comment.id).edit(text)

    def open_pulls(self, *, base: str, most: int) -> list[int]:
        """The numbers of the newest open pull requests into `base`, including those from forks. Raises ForgeError."""
        with explained(self.name):
            found = self.repository.get_pulls(state="open", base=base, sort="created", direction="desc")
            return [pull.number for pull in islice(found, most)]

    def changed_files(self, number: int, *, below: str) -> Changed:
        """The files below a folder that a pull request adds or changes, among its first 300. Raises ForgeError."""
        with explained(self.name):
            found = list(islice(self.handle(number).get_files(), _MOST_FILES))
            inside = (file for file in found if file.status != "removed" and file.filename.startswith(f"{below}/"))
            calls = max(1, -(-len(found) // _PER_CALL))
            return Changed({file.filename: file.sha for file in inside}, len(found) < _MOST_FILES, calls)

    def blob(self, sha: str, *, limit: int) -> bytes | None:
        """The content of a blob; None if it has more than `limit` bytes, or is not a blob. Raises ForgeError."""
        with explained(self.name):
            try:
                found = self.repository.get_git_blob(sha)
            except UnknownObjectException:  # a submodule: the SHA is a commit of another repository
                return None
            return b64decode(found.content) if found.size <= limit else None
