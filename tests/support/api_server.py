"""As much of a Kubernetes API server as kubectl needs for the commands of a plan; it notes what was sent."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

_LAST = "kubectl.kubernetes.io/last-applied-configuration"
_KINDS = {
    "apps/v1": {"deployments": "Deployment", "deployments/scale": "Scale"},
    "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    "keda.sh/v1alpha1": {"scaledobjects": "ScaledObject"},
    "autoscaling.k8s.io/v1": {"verticalpodautoscalers": "VerticalPodAutoscaler"},
}
_SHORT = {"horizontalpodautoscalers": ["hpa"], "verticalpodautoscalers": ["vpa"]}
_PATH = re.compile(r"/apis/(\S+/\w+)/namespaces/(\w+)/(\w+)(?:/([\w-]+)(/scale)?)?")
_CONDITIONS = ("ScalingActive", "Ready", "RecommendationProvided")
APPLIED: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"annotations": {}, "name": "web", "namespace": "shop"},
    "spec": {
        "replicas": 3,
        "template": {"spec": {"containers": [{"name": "app", "env": [{"name": "replicas", "value": "1"}]}]}},
    },
}
"""What was applied last: a container has an environment variable of the name that is taken out above it."""


class Sent(NamedTuple):
    """A request that changes something."""

    method: str
    path: str
    body: str


class ApiServer(ThreadingHTTPServer):
    """A server whose every object exists, stands at 3 replicas and is in its best condition."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sent: list[Sent] = []
        self.gone: set[str] = set()
        self.faults: list[str] = []
        """What was asked for and is not known here."""

    def kubeconfig(self, file: Path, *contexts: str) -> Path:
        """Write the configuration of kubectl with these contexts."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": {"server": address}}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": name, "context": {"cluster": "here", "user": "me"}} for name in contexts],
        }
        file.write_text(json.dumps(content), encoding="utf-8")
        return file


@contextmanager
def running() -> Iterator[ApiServer]:
    """A server, until the end of the block; nothing may have been asked of it that it does not know."""
    server = ApiServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
    assert server.faults == [], server.faults


class _Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.command != "GET":
            self.server.sent.append(Sent(self.command, self.path, body))
        path = self.path.partition("?")[0]
        answer = _status("Failure", "NotFound", 404) if path in self.server.gone else _answer(path)
        if self.command == "DELETE":
            self.server.gone.add(path)
            answer = _status("Success", "", 200)
        if answer == _UNKNOWN and path not in self.server.gone and not path.startswith("/openapi/"):
            self.server.faults.append(f"{self.command} {self.path}")
        content = b"" if "watch=true" in self.path else json.dumps(answer).encode()
        self.send_response(404 if b'"NotFound"' in content else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PATCH = do_DELETE = do_PUT = _answer  # noqa: N815 (the library's names)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def _answer(path: str) -> dict[str, Any]:
    found = _PATH.fullmatch(path)
    if found:
        return _resource(*found.groups())
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        versions = [{"groupVersion": group, "version": group.split("/")[1]} for group in _KINDS]
        groups = [
            {"name": one["groupVersion"].split("/")[0], "versions": [one], "preferredVersion": one} for one in versions
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    group = path.removeprefix("/apis/")
    if group not in _KINDS and path != "/api/v1":
        return _UNKNOWN
    resources = [
        {
            "name": name,
            "singularName": kind.lower(),
            "namespaced": True,
            "kind": kind,
            "verbs": ["get", "list", "patch"],
        }
        | {"shortNames": _SHORT.get(name, [])}
        for name, kind in _KINDS.get(group, {}).items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": resources}


def _status(status: str, reason: str, code: int) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": status, "reason": reason, "code": code}


_UNKNOWN = _status("Failure", "NotFound", 404)


def _resource(group: str, namespace: str, plural: str, name: str | None, scale: str | None) -> dict[str, Any]:
    kind = _KINDS[group][plural]
    metadata: dict[str, Any] = {"name": name or "web", "namespace": namespace, "resourceVersion": "1", "uid": "u"}
    if scale:
        return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata, "spec": {"replicas": 3}}
    metadata["annotations"] = {_LAST: json.dumps(APPLIED)}
    conditions = [{"type": condition, "status": "True"} for condition in _CONDITIONS]
    item = {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": {"replicas": 3}}
    item["status"] = {"conditions": conditions, "recommendation": {"containerRecommendations": []}}
    return item if name else {"apiVersion": group, "kind": f"{kind}List", "metadata": {}, "items": [item]}
