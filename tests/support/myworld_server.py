"""GitHub as PyPI's `myworld` simulates it: true error answers, and branches that pull requests follow.

It lives below a path of its own and calls itself api.github.com; the proxy here rewrites both. It has no trees,
commits, comparisons or events of issues, and creates no labels: the flows that need them run against `emulate`.
"""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from support.amounts import HANGS
from support.github_server import free_port
from support.openapi import description

SLUG = "acme/api"
BRANCH = "infra/scale-prod"
_WORLD: dict[str, Any] = {
    "name": "world",
    "task": "none",
    "servers": {
        "github": {
            "seed": {
                "viewer": "bot",
                "users": [{"login": "bot", "email": "bot@example.com"}, {"login": "acme", "type": "Organization"}],
                "repos": [
                    {
                        "name": SLUG,
                        "private": False,
                        "files": {"README.md": "hello\n"},
                        "labels": ["needs-approval"],
                        "branches": {
                            BRANCH: {"files": {"plan.yaml": "a\n"}, "author": "bot", "message": "plan"},
                            "other": {"files": {"other.txt": "b\n"}, "author": "bot", "message": "other"},
                            "same": {"files": {}, "author": "bot", "message": "nothing"},
                        },
                    }
                ],
            }
        }
    },
}
_HOST = "https://api.github.com"


class MyWorld:
    """A running simulation with one repository."""

    def __init__(self, folder: Path) -> None:
        self.violations: list[str] = []
        port, proxy_port = free_port(), free_port()
        self.api = f"http://127.0.0.1:{proxy_port}"
        self._control = f"http://127.0.0.1:{port}"
        world = folder / "world.yaml"
        world.write_text(json.dumps(_WORLD), encoding="utf-8")
        program = Path(sys.executable).with_name("myworld")
        options = ["serve", "--host", "127.0.0.1", "--port", str(port), "--env", str(world), "--log-level", "error"]
        self._process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
        )
        (environment,) = self._await_start()
        self.token: str = environment["credentials"]["agent"]["github_token"]
        self._instance: str = environment["servers"]["github"]["instance"]
        self._proxy = ThreadingHTTPServer(("127.0.0.1", proxy_port), _handler(self))
        threading.Thread(target=self._proxy.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop both servers; every call must have been as GitHub describes it."""
        self._proxy.shutdown()
        self._proxy.server_close()
        self._process.terminate()
        self._process.wait(timeout=HANGS)
        assert not self.violations, "\n".join(sorted(set(self.violations)))

    def reset(self) -> None:
        """Back to the beginning, without faults."""
        requests.post(f"{self._control}/instances/{self._instance}/reset", json={}, timeout=HANGS).raise_for_status()
        self.break_with()

    def break_with(self, *kinds: str, tool: str = "*", times: int = 1, **more: object) -> None:
        """Let the next calls of a tool end in these faults."""
        faults: list[dict[str, Any]] = [{"kind": kind, "tool": tool, "times": times, **more} for kind in kinds]
        answer = requests.put(f"{self._control}/instances/{self._instance}/faults", json=faults, timeout=HANGS)
        answer.raise_for_status()

    def get(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        """What the API says, past the proxy."""
        answer = requests.get(
            f"{self._control}/gw/api.github.com/repos/{SLUG}/{path}", headers=self._authorization, timeout=HANGS
        )
        answer.raise_for_status()
        return answer.json()

    def forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        """Pass one call of the product on."""
        if path != "/graphql":
            self.violations += description().violations(method, path, body)
        url = f"{self._control}/gw/api.github.com{path}"
        return requests.request(method, url, data=body, headers=headers, timeout=HANGS)

    def ours(self, text: bytes) -> bytes:
        """An answer with our address in place of GitHub's."""
        return text.replace(_HOST.encode(), self.api.encode())

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _await_start(self) -> list[dict[str, Any]]:
        while self._process.poll() is None:
            try:
                found: list[dict[str, Any]] = requests.get(f"{self._control}/envs", timeout=HANGS).json()["envs"]
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return found
        message = "myworld did not start"
        raise RuntimeError(message)


def _with_repository(content: bytes) -> bytes:
    """A pull request tells of which repository its branches are; here it does not."""
    try:
        whole = json.loads(content)
    except ValueError:
        return content
    for item in whole if isinstance(whole, list) else [whole]:
        for side in ("head", "base"):
            if isinstance(item, dict) and isinstance(item.get(side), dict):
                item[side].setdefault("repo", {"full_name": SLUG})
    return json.dumps(whole).encode()


def _handler(world: MyWorld) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept = ("Authorization", "Content-Type", "Accept")
            answer = world.forward(
                self.command, self.path, body, {n: self.headers[n] for n in kept if n in self.headers}
            )
            content = world.ours(_with_repository(answer.content))
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Link", "Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset"):
                if name in answer.headers:
                    self.send_header(name, world.ours(answer.headers[name].encode()).decode())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815 (the base class's names)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
