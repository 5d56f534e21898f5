"""A Kubernetes API server to read from: it holds real objects, pages its lists, and refuses or hangs on demand.

It is strict: whatever is not a question that a capture may ask is noted in `faults`, and answered with an error; and
what it is told to refuse or to keep waiting has to be asked for.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.kube_objects import Object

_RESOURCES = {
    "v1": {
        "nodes": "Node",
        "pods": "Pod",
        "resourcequotas": "ResourceQuota",
        "limitranges": "LimitRange",
        "namespaces": "Namespace",
    },
    "apps/v1": {
        "deployments": "Deployment",
        "statefulsets": "StatefulSet",
        "replicasets": "ReplicaSet",
        "daemonsets": "DaemonSet",
    },
    "batch/v1": {"jobs": "Job", "cronjobs": "CronJob"},
    "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
    "autoscaling.k8s.io/v1": {"verticalpodautoscalers": "VerticalPodAutoscaler"},
    "keda.sh/v1alpha1": {"scaledobjects": "ScaledObject"},
}
_SHORT = {
    "resourcequotas": "quota",
    "limitranges": "limits",
    "deployments": "deploy",
    "statefulsets": "sts",
    "replicasets": "rs",
    "daemonsets": "ds",
    "cronjobs": "cj",
    "horizontalpodautoscalers": "hpa",
    "poddisruptionbudgets": "pdb",
    "verticalpodautoscalers": "vpa",
}
_CREATED = {
    "namespaces": ("v1", "Namespace"),
    "serviceaccounts": ("v1", "ServiceAccount"),
    "clusterrolebindings": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
}
_EXTENSIONS = ("autoscaling.k8s.io/v1", "keda.sh/v1alpha1")
_VERSION = {"major": "1", "minor": "33", "gitVersion": "v1.33.1-eks-1"}
_TOO_LONG = 60.0


class ClusterServer(ThreadingHTTPServer):
    """A cluster with these objects."""

    daemon_threads = True

    def __init__(self, objects: Sequence[Object]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects = list(objects)
        self.extensions: tuple[str, ...] = _EXTENSIONS
        """API groups with version that are installed."""
        self.forbidden: set[str] = set()
        """Resources that may not be listed."""
        self.hanging: set[str] = set()
        """Resources whose list never comes."""
        self.page: int | None = None
        """At most so many objects a page, however many are asked for."""
        self.by_hand = False
        """Whether somebody types kubectl commands besides, who may also create objects."""
        self.asked: list[str] = []
        """Paths with queries."""
        self.faults: list[str] = []
        self.over = threading.Event()

    def kubeconfig(self, file: Path, context: str) -> Path:
        """Write the configuration of kubectl with this context; the current one leads nowhere."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "elsewhere",
            "clusters": [
                {"name": "here", "cluster": {"server": address}},
                {"name": "elsewhere", "cluster": {"server": "http://127.0.0.1:9"}},
            ],
            "users": [{"name": "me", "user": {}}],
            "contexts": [
                {"name": context, "context": {"cluster": "here", "user": "me"}},
                {"name": "elsewhere", "context": {"cluster": "elsewhere", "user": "me"}},
            ],
        }
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    def installed(self) -> dict[str, dict[str, str]]:
        """The kinds by resource, by group and version."""
        return {
            version: resources
            for version, resources in _RESOURCES.items()
            if version not in _EXTENSIONS or version in self.extensions
        }


@contextmanager
def serving(objects: Sequence[Object]) -> Iterator[ClusterServer]:
    """A server, until the end of the block; nothing may have been asked of it that it does not know."""
    server = ClusterServer(objects)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
    assert server.faults == [], server.faults
    for resource in server.forbidden | server.hanging:
        assert any(f"/{resource}" in path for path in server.asked), f"{resource} was not asked for"


class _Handler(BaseHTTPRequestHandler):
    server: ClusterServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.server.asked.append(self.path)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        self._send(*self._answer(address.path, query))

    def do_POST(self) -> None:
        if not self.server.by_hand:
            self._refuse()
            return
        self.rfile.read(int(self.headers["Content-Length"]))  # protobuf, and of no interest
        version, kind = _CREATED[urlsplit(self.path).path.rpartition("/")[2]]
        self._send(201, {"apiVersion": version, "kind": kind, "metadata": {"name": "created"}})

    def _send(self, code: int, answer: Object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self) -> None:
        self.server.faults.append(f"{self.command} {self.path}")
        self.send_error(405)

    do_PUT = do_PATCH = do_DELETE = _refuse  # noqa: N815 (the library's names)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, Object]:
        installed = self.server.installed()
        known = _discovery(path, installed)
        if known:
            return 200, known
        prefix, _, resource = path.rpartition("/")
        kind = installed.get(_version(prefix), {}).get(resource)
        if kind:
            return self._list(_version(prefix), resource, kind, query)
        if path.startswith("/api/v1/namespaces/") and "namespaces" not in self.server.forbidden:
            found = [one for one in self.server.objects if one["kind"] == "Namespace"]
            return next(((200, one) for one in found if one["metadata"]["name"] == resource), _status(404, "NotFound"))
        if path.startswith("/api/v1/namespaces/"):
            return _status(403, "Forbidden", f'namespaces "{resource}" is forbidden: User "me" cannot get it')
        self.server.faults.append(f"GET {self.path}")
        return _status(404, "NotFound")

    def _list(self, version: str, resource: str, kind: str, query: dict[str, str]) -> tuple[int, Object]:
        if resource in self.server.hanging:
            self.server.over.wait(_TOO_LONG)
        if resource in self.server.forbidden:
            return _status(403, "Forbidden", f'{resource} is forbidden: User "me" cannot list resource "{resource}"')
        wanted = {"limit"} if self.server.by_hand else {"limit", "timeout"}
        if not query.keys() <= {"limit", "continue", "timeout"} or not wanted <= query.keys():
            self.server.faults.append(f"GET {self.path}")
        first, size = int(query.get("continue", 0)), min(int(query.get("limit", 500)), self.server.page or 500)
        everything = [one for one in self.server.objects if one["kind"] == kind]
        about: dict[str, Any] = {"resourceVersion": "1"}
        if first + size < len(everything):
            about["continue"] = str(first + size)
        # As the API has it: the items of a list do not say what they are.
        items = [
            {key: value for key, value in one.items() if key not in ("apiVersion", "kind")}
            for one in everything[first : first + size]
        ]
        return 200, {"apiVersion": version, "kind": f"{kind}List", "metadata": about, "items": items}


def _version(prefix: str) -> str:
    return prefix.removeprefix("/apis/").removeprefix("/api/")


def _discovery(path: str, installed: dict[str, dict[str, str]]) -> Object | None:
    if path == "/version":
        return _VERSION
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        versions = [{"groupVersion": one, "version": one.partition("/")[2]} for one in installed if "/" in one]
        groups = [
            {"name": one["groupVersion"].partition("/")[0], "versions": [one], "preferredVersion": one}
            for one in versions
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    version = _version(path)
    if version not in installed:
        return None
    resources = [
        {
            "name": name,
            "singularName": kind.lower(),
            "namespaced": kind not in ("Node", "Namespace"),
            "kind": kind,
            "shortNames": [_SHORT[name]] if name in _SHORT else [],
            "verbs": ["get", "list"],
        }
        for name, kind in installed[version].items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def _status(code: int, reason: str, message: str = "") -> tuple[int, Object]:
    answer = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return code, {**answer, "message": message or reason}
