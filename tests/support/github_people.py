"""What others do with branches, pull requests and comments on the look-alike of GitHub."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from support.github_server import GitHubServer


class Person(NamedTuple):
    """Somebody with an account."""

    server: GitHubServer
    login: str = "mallory"

    def branch(self, name: str, *, at: str = "main") -> None:
        """Create a branch."""
        self._write("POST", "git/refs", {"ref": f"refs/heads/{name}", "sha": self.head(at)})

    def commit(
        self,
        branch: str,
        changes: Mapping[str, str | None],
        *,
        message: str = "my own change",
        parents: Sequence[str] = (),
        author: str = "",
        in_browser: bool = False,
    ) -> str:
        """A commit on top of a branch, which GitHub signs if it is made in the browser; its SHA.

        `author` is the account whose name and address it gives.
        """
        head = self.head(branch)
        onto = self.server.get(f"git/commits/{head}")["tree"]["sha"]
        tree = self.tree(onto, [_entry(path, content) for path, content in changes.items()])
        sha = self._commit(message, tree, parents or [head], author=author)
        if in_browser:
            self.server.signed.add(sha)
        self._write("PATCH", f"git/refs/heads/{branch}", {"sha": sha, "force": True})
        return sha

    def copied_message(self, branch: str) -> str:
        """The message of the newest commit, with its trailers."""
        message: str = self.server.get(f"git/commits/{self.head(branch)}")["message"]
        return message

    def update_branch(self, branch: str, extra: Mapping[str, str] | None = None) -> str:
        """What the button "Update branch" does: a merge of the base, by the person, signed by GitHub; its SHA.

        `extra` is what the button never does.
        """
        main, head = self.head("main"), self.head(branch)
        compared = self.server.get(f"compare/{main}...{head}")
        ours = self._blobs(head)
        base = self._blobs(compared["merge_base_commit"]["sha"])
        changed = [path for path in ours.keys() | base.keys() if ours.get(path) != base.get(path)]
        entries = [{"path": path, "mode": "100644", "type": "blob", "sha": ours.get(path)} for path in sorted(changed)]
        entries += [_entry(path, content) for path, content in (extra or {}).items()]
        tree = self.tree(self.server.get(f"git/commits/{main}")["tree"]["sha"], entries)
        sha = self._commit(f"Merge branch 'main' into {branch}", tree, [head, main])
        self.server.signed.add(sha)
        self._write("PATCH", f"git/refs/heads/{branch}", {"sha": sha})
        return sha

    def pull(self, branch: str, *, body: str = "") -> int:
        """Open a pull request; its number."""
        given = {"title": branch, "head": branch, "base": "main", "body": body}
        number: int = self._write("POST", "pulls", given)["number"]
        return number

    def pull_from_fork(self, branch: str, changes: Mapping[str, str]) -> int:
        """Open a pull request from a branch of an own fork; its number."""
        self._write("POST", "forks", {})
        fork = self.server.slug.replace("admin/", f"{self.login}/")
        self.server.forks.add(fork)
        main = self._at(fork, "GET", "git/ref/heads/main")["object"]["sha"]
        onto = self._at(fork, "GET", f"git/commits/{main}")["tree"]["sha"]
        entries = [_entry(path, content) for path, content in changes.items()]
        tree = self._at(fork, "POST", "git/trees", {"base_tree": onto, "tree": entries})["sha"]
        given = {"message": "mine", "tree": tree, "parents": [main]}
        sha = self._at(fork, "POST", "git/commits", given)["sha"]
        self._at(fork, "POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
        return self.pull(f"{self.login}:{branch}")

    def comment(self, number: int, text: str) -> None:
        """Comment on a pull request."""
        self._write("POST", f"issues/{number}/comments", {"body": text})

    def head(self, branch: str) -> str:
        """The commit that a branch points at."""
        sha: str = self.server.get(f"git/ref/heads/{branch}")["object"]["sha"]
        return sha

    def tree(self, onto: str, entries: list[dict[str, Any]]) -> str:
        """A tree on top of another; its id."""
        if not entries:
            return onto
        sha: str = self._write("POST", "git/trees", {"base_tree": onto, "tree": entries})["sha"]
        return sha

    def _commit(self, message: str, tree: str, parents: Sequence[str], *, author: str = "") -> str:
        given: dict[str, Any] = {"message": message, "tree": tree, "parents": list(parents)}
        if author:
            given["author"] = {"name": author, "email": f"{author}@users.noreply.github.com"}
        sha: str = self._write("POST", "git/commits", given)["sha"]
        return sha

    def _blobs(self, commit: str) -> dict[str, str]:
        tree = self.server.get(f"git/commits/{commit}")["tree"]["sha"]
        listed = self.server.get(f"git/trees/{tree}?recursive=1")["tree"]
        return {entry["path"]: entry["sha"] for entry in listed if entry["type"] == "blob"}

    def _write(self, method: str, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON)
        return self._at(self.server.slug, method, path, body)

    def _at(self, slug: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 (JSON)
        return self.server.call(method, f"/repos/{slug}/{path}", body, login=self.login)


def _entry(path: str, content: str | None) -> dict[str, Any]:
    said = {"path": path, "mode": "100644", "type": "blob"}
    return {**said, "sha": None} if content is None else {**said, "content": content}
