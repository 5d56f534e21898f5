"""A Kubernetes API server that holds workloads and autoscalers, and changes them as the real one does.

Sources: apiserver/pkg/endpoints/handlers/patch.go (patch types; strategic ones only for built-in kinds), strategicpatch
(lists of containers merge by name, null deletes), validation of apps, batch and autoscaling (quantities, counts,
immutable templates), registry/rest (resourceVersion as a precondition).
"""

import copy
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from infra_scale.model.quantity import Quantity
from support.field_managers import FieldConflictError, FieldManagers
from support.kube_objects import Object

KINDS = {
    "v1": {"configmaps": "ConfigMap", "pods": "Pod", "events": "Event"},
    "coordination.k8s.io/v1": {"leases": "Lease"},
    "apps/v1": {
        "deployments": "Deployment",
        "statefulsets": "StatefulSet",
        "replicasets": "ReplicaSet",
        "daemonsets": "DaemonSet",
        "controllerrevisions": "ControllerRevision",
    },
    "batch/v1": {"jobs": "Job", "cronjobs": "CronJob"},
    "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    "autoscaling.k8s.io/v1": {"verticalpodautoscalers": "VerticalPodAutoscaler"},
    "keda.sh/v1alpha1": {"scaledobjects": "ScaledObject"},
    "argoproj.io/v1alpha1": {"rollouts": "Rollout"},
}
_BOOKKEEPING = ("ConfigMap", "Lease", "Event", "Pod")
_APPLY = "application/apply-patch+yaml"
_SHORT = {"horizontalpodautoscalers": ["hpa"], "verticalpodautoscalers": ["vpa"]}
_CUSTOM = ("autoscaling.k8s.io/v1", "keda.sh/v1alpha1", "argoproj.io/v1alpha1")
_SCALED = ("deployments", "statefulsets", "replicasets", "rollouts")
_BY_NAME = ("containers", "initContainers")
_MAY_BE_MISSING = ("/openapi/", "/api/v1/namespaces/")
"""What kubectl asks for besides: schemas, and the namespace of an object that is not there."""
_INVALID = "the server rejected our request due to an error in our request"
"""What a failed test of a JSON patch and a wrong path both give (evanphx/json-patch, apiserver patch.go)."""
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_VERBS = ["get", "list", "watch", "patch", "update", "delete", "create"]


class Address(NamedTuple):
    """What a path is about."""

    version: str
    namespace: str
    plural: str
    name: str
    subresource: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Under which the object is held."""
        return KINDS[self.version][self.plural], self.namespace, self.name


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


class WorkloadServer(ThreadingHTTPServer):
    """A cluster with these objects, by kind, namespace and name."""

    daemon_threads = True

    def __init__(self, objects: Sequence[Object]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.version = 0
        self.faults: list[str] = []
        self.managers: dict[tuple[str, str, str], FieldManagers] = {}
        self.controller: Callable[[Object], None] = all_ready
        self.cluster_uid = "3c5c0a5e-0000-4000-8000-000000000001"
        self.missing: tuple[str, ...] = ()
        """Groups that the cluster does not have."""
        self.lock = threading.RLock()
        self.requests: list[str] = []
        self.before: Callable[[str], RefusedError | None] = lambda _: None
        """Called with each request before it is answered; an error is answered instead."""
        self.after: Callable[[str], RefusedError | None] = lambda _: None
        """The same after it took effect: the answer is lost."""
        for one in objects:
            self.store(copy.deepcopy(one))

    def store(self, item: Object) -> Object:
        """Hold an object in its next version."""
        self.version += 1
        metadata = item["metadata"]
        key = (item["kind"], metadata["namespace"], metadata["name"])
        old = self.objects.get(key)
        metadata["uid"] = old["metadata"]["uid"] if old else f"uid-{self.version}"
        metadata["resourceVersion"] = str(self.version)
        metadata.setdefault("creationTimestamp", now())
        _set_defaults(item)
        is_changed = old is None or old.get("spec") != item.get("spec")
        metadata["generation"] = (old["metadata"]["generation"] if old else 0) + is_changed
        self.objects[key] = item
        self.controller(item)
        return item

    def touch(self, kind: str, namespace: str, name: str) -> None:
        """Let the controller look at an object again."""
        self.controller(self.objects[kind, namespace, name])

    def scaled_by(self, manager: str, key: tuple[str, str, str], replicas: int) -> None:
        """Another program sets the replicas through the scale subresource."""
        with self.lock:
            old = self.objects[key]
            new = copy.deepcopy(old)
            new["spec"]["replicas"] = replicas
            self.managers_of(key).updated(old, new, f"{manager} scale")
            self.store(new)

    def shown(self, item: Object) -> Object:
        """An object with its managed fields."""
        key = (item["kind"], item["metadata"]["namespace"], item["metadata"]["name"])
        return {**item, "metadata": {**item["metadata"], "managedFields": self.managers_of(key).entries()}}

    def managers_of(self, key: tuple[str, str, str]) -> FieldManagers:
        """The owners of an object's fields."""
        return self.managers.setdefault(key, FieldManagers())

    def state(self) -> dict[str, Object]:
        """What every object specifies, without what the server counts."""
        held = sorted((key, item) for key, item in self.objects.items() if key[0] not in _BOOKKEEPING)
        return {"/".join(key): copy.deepcopy(item["spec"]) for key, item in held}

    def kubeconfig(self, file: Path, *contexts: str) -> Path:
        """Write the configuration of kubectl with these contexts, the first as the current one."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": contexts[0],
            "clusters": [{"name": "here", "cluster": {"server": address}}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": name, "context": {"cluster": "here", "user": "me"}} for name in contexts],
        }
        file.write_text(json.dumps(content), encoding="utf-8")
        return file


@contextmanager
def holding(objects: Sequence[Object]) -> Iterator[WorkloadServer]:
    """A server, until the end of the block; nothing may have been asked of it that it cannot answer."""
    server = WorkloadServer(objects)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
    assert server.faults == [], server.faults


class _Handler(BaseHTTPRequestHandler):
    server: WorkloadServer
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for each answer

    def _answer(self) -> None:
        body = self._body()
        address = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        line = f"{self.command} {self.path}"
        try:
            self.server.requests.append(line)
            if refused_at_once := self.server.before(line):
                raise refused_at_once
            with self.server.lock:
                code, answer = (
                    200,
                    _discovery(address.path, self.server.missing) or self._object(address.path, query, body),
                )
            if lost := self.server.after(line):
                raise lost
        except FieldConflictError as conflict:
            refused = RefusedError(409, "Conflict", f"Apply failed with conflicts: {conflict}")
            code, answer = refused.code, _status(refused)
        except RefusedError as refused:
            code, answer = refused.code, _status(refused)
        content = b"" if "watch" in query else json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PATCH = do_DELETE = do_PUT = do_POST = _answer  # noqa: N815 (the library's names)

    def _body(self) -> bytes:
        """kubectl sends the body of `--raw` in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _object(self, path: str, query: dict[str, str], body: bytes) -> Object:
        if path == "/api/v1/namespaces/kube-system":
            return {
                "kind": "Namespace",
                "apiVersion": "v1",
                "metadata": {"name": "kube-system", "uid": self.server.cluster_uid},
            }
        found = _read(path)
        if found is None or found.version.partition("/")[0] in self.server.missing:
            raise self._unknown(path)
        if self.command == "POST":
            return self._created(found, _parsed(body), query)
        if not found.name:
            return _list(self.server, found, query)
        item = self.server.objects.get(found.key)
        if self.command == "PATCH" and self.headers["Content-Type"] == _APPLY:
            return self._applied(found, item, body, query)
        return self._of_existing(found, item, query, body)

    def _of_existing(self, found: Address, item: Object | None, query: dict[str, str], body: bytes) -> Object:
        if item is None:
            raise RefusedError(404, "NotFound", f'{found.plural} "{found.name}" not found')
        if found.subresource:
            return self._scale(item, body, query)
        if self.command == "GET":
            return self.server.shown(item)
        if self.command == "DELETE":
            return self._deleted(found, item, body, query)
        return self._changed(found, item, body, query)

    def _unknown(self, path: str) -> RefusedError:
        if not path.startswith((*_MAY_BE_MISSING, *(f"/apis/{group}/" for group in self.server.missing))):
            self.server.faults.append(f"{self.command} {self.path}")
        return RefusedError(404, "NotFound", "the server could not find the requested resource")

    def _stored(self, item: Object, old: Object | None, query: dict[str, str]) -> Object:
        """An object that a client has changed, which owns what it changed."""
        manager = query.get("fieldManager") or self.headers["User-Agent"].partition("/")[0]
        if "dryRun" in query:
            return item
        key = (item["kind"], item["metadata"]["namespace"], item["metadata"]["name"])
        self.server.managers_of(key).updated(old or {}, item, manager)
        return self.server.store(item)

    def _applied(self, found: Address, item: Object | None, body: bytes, query: dict[str, str]) -> Object:
        """Server-side apply; kubectl sends JSON, which is YAML too."""
        config = _parsed(body)
        force = query.get("force") == "true"
        known = item or {**config, "spec": {}}
        new = self.server.managers_of(found.key).applied(known, config, query["fieldManager"], force=force)
        new["metadata"]["namespace"] = found.namespace
        _set_defaults(new)
        _validate(new, item)
        return self.server.store(new)

    def _created(self, found: Address, item: Object, query: dict[str, str]) -> Object:
        item["metadata"]["namespace"] = found.namespace
        if found._replace(name=item["metadata"]["name"]).key in self.server.objects:
            raise RefusedError(409, "AlreadyExists", "it exists")
        _set_defaults(item)
        _validate(item, None)
        return self._stored(item, None, query)

    def _deleted(self, found: Address, item: Object, body: bytes, query: dict[str, str]) -> Object:
        wanted = (_parsed(body) if body else {}).get("preconditions", {})
        if any(item["metadata"].get(name) != value for name, value in wanted.items()):
            raise RefusedError(409, "Conflict", "Precondition failed")
        if "dryRun" in query:
            return {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        del self.server.objects[found.key]
        uid = item["metadata"]["uid"]
        for key, other in list(self.server.objects.items()):
            if any(owner["uid"] == uid for owner in other["metadata"].get("ownerReferences", [])):
                del self.server.objects[key]
        return {"kind": "Status", "apiVersion": "v1", "status": "Success"}

    def _changed(self, found: Address, item: Object, body: bytes, query: dict[str, str]) -> Object:
        if self.command == "PUT":
            new = _parsed(body)
        else:
            new = _patched(item, body, self.headers["Content-Type"], is_custom=found.version in _CUSTOM)
        wanted = new["metadata"].get("resourceVersion")
        if wanted is not None and wanted != item["metadata"]["resourceVersion"]:
            raise RefusedError(409, "Conflict", "the object has been modified")
        _set_defaults(new)
        _validate(new, item)
        return self._stored(new, item, query)

    def _scale(self, item: Object, body: bytes, query: dict[str, str]) -> Object:
        scale: Object = {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {key: item["metadata"][key] for key in ("name", "namespace", "uid", "resourceVersion")},
            "spec": {"replicas": item["spec"]["replicas"]} if item["spec"]["replicas"] else {},
        }
        if self.command == "GET":
            return scale
        is_patch = self.command == "PATCH"
        new = _patched(scale, body, self.headers["Content-Type"], is_custom=False) if is_patch else _parsed(body)
        changed = copy.deepcopy(item)
        changed["spec"]["replicas"] = new["spec"].get("replicas", 0)
        _validate(changed, item)
        self._stored(changed, item, {**query, "fieldManager": f"{query.get('fieldManager', 'kubectl')} scale"})
        return new


def _read(path: str) -> Address | None:
    found = re.fullmatch(r"/apis?/((?:[^/]+/)?v[^/]+)/namespaces/([^/]+)/([^/]+)(?:/([^/]+)(?:/(scale))?)?", path)
    if found is None or found[3] not in KINDS.get(found[1], {}):
        return None
    return Address(found[1], found[2], found[3], found[4] or "", found[5] or "")


def _list(server: WorkloadServer, found: Address, query: dict[str, str]) -> Object:
    kind = KINDS[found.version][found.plural]
    items = [item for key, item in server.objects.items() if key[:2] == (kind, found.namespace)]
    if selector := query.get("labelSelector"):
        wanted = dict(pair.split("=") for pair in selector.split(","))
        items = [one for one in items if wanted.items() <= one["metadata"].get("labels", {}).items()]
    for pair in filter(None, query.get("fieldSelector", "").split(",")):
        path, _, wanted_text = pair.partition("=")
        items = [one for one in items if _field(one, path) == wanted_text]
    items = [server.shown(one) for one in items]
    return {"apiVersion": found.version, "kind": f"{kind}List", "metadata": {"resourceVersion": "1"}, "items": items}


def _field(item: Object, path: str) -> object:
    found: object = item
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _parsed(body: bytes) -> Object:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise RefusedError(400, "BadRequest", f"error decoding: {error}") from error
    if not isinstance(read, dict):
        raise RefusedError(400, "BadRequest", "error decoding: not an object")
    return read


def _patched(item: Object, body: bytes, kind: str, *, is_custom: bool) -> Object:
    new = copy.deepcopy(item)
    if kind == "application/json-patch+json":
        return json_patched(new, json.loads(body))
    patch = _parsed(body)
    match kind:
        case "application/merge-patch+json":
            return _merged(new, patch, by_name=False)
        case "application/strategic-merge-patch+json" if not is_custom:
            return _merged(new, patch, by_name=True)
    raise RefusedError(415, "UnsupportedMediaType", f"the body of the request was in an unknown format: {kind}")


def json_patched(item: Object, operations: Sequence[Object]) -> Object:
    """RFC 6902, of which `test`, `add`, `replace` and `remove` are used; an absent value equals null in a test."""
    for one in operations:
        *above, last = [part.replace("~1", "/").replace("~0", "~") for part in one["path"].split("/")[1:]]
        place: object = item
        for part in above:
            place = _child(place, part)
        if one["op"] == "test":
            if _child(place, last, may_be_absent=True) != one.get("value"):
                raise RefusedError(422, "Invalid", _INVALID)
        elif not isinstance(place, dict):
            raise RefusedError(422, "Invalid", _INVALID)
        elif one["op"] in ("add", "replace"):
            place[last] = copy.deepcopy(one["value"])
        else:
            if last not in place:
                raise RefusedError(422, "Invalid", _INVALID)
            del place[last]
    return item


def _child(place: object, part: str, *, may_be_absent: bool = False) -> object:
    if isinstance(place, dict) and (part in place or may_be_absent):
        return place.get(part)
    if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
        return place[int(part)]
    raise RefusedError(422, "Invalid", _INVALID)


def _merged(old: object, patch: Object, *, by_name: bool) -> Object:
    result: Object = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if key.startswith("$"):
            assert key.startswith("$setElementOrder/"), key
        elif value is None:
            result.pop(key, None)
        elif by_name and key in _BY_NAME:
            result[key] = _merged_list(result.get(key, []), value)
        elif isinstance(value, dict):
            result[key] = _merged(result.get(key), value, by_name=by_name)
        else:
            result[key] = value
    return result


def _merged_list(old: list[Object], patch: list[Object]) -> list[Object]:
    result = list(old)
    for one in patch:
        if "name" not in one:
            raise RefusedError(400, "BadRequest", "map does not contain declared merge key: name")
        index = next((at for at, other in enumerate(result) if other["name"] == one["name"]), None)
        if index is None:
            result.append(_merged({}, one, by_name=True))
        else:
            result[index] = _merged(result[index], one, by_name=True)
    return result


def _set_defaults(item: Object) -> None:
    """Those of the API, which drops empty requests and limits too (omitempty)."""
    kind, spec = item["kind"], item.get("spec", {})
    if kind in _BOOKKEEPING:
        return
    if kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        spec.setdefault("replicas", 1)
    if kind in ("Job", "CronJob"):
        spec.setdefault("suspend", False)
    if kind == "Job":
        spec.setdefault("parallelism", 1)
    if kind == "HorizontalPodAutoscaler":
        spec.setdefault("minReplicas", 1)
    for container in _containers(item):
        _canonicalize(container.setdefault("resources", {}))


def _canonicalize(resources: Object) -> None:
    """Quantities as the server stores them; empty blocks are dropped, and wrong amounts are left to the validation."""
    for block in ("requests", "limits"):
        amounts = resources.get(block, {})
        if block in resources and not amounts:
            del resources[block]
        for name, amount in amounts.items():
            if isinstance(amount, str) and _QUANTITY.fullmatch(amount):
                amounts[name] = canonical(amount)


def _containers(item: Object) -> list[Object]:
    pod = _template(item).get("spec", {})
    return [*pod.get("containers", []), *pod.get("initContainers", [])]


def _template(item: Object) -> Object:
    spec = item["spec"]
    template: Object = (spec["jobTemplate"]["spec"] if item["kind"] == "CronJob" else spec).get("template", {})
    return template


def _validate(item: Object, old: Object | None) -> None:
    if item["kind"] in _BOOKKEEPING:
        return
    spec = item["spec"]
    counts = [spec.get("replicas"), spec.get("parallelism"), spec.get("minReplicas"), spec.get("maxReplicas")]
    counts.append(spec.get("jobTemplate", {}).get("spec", {}).get("parallelism"))
    if any(count is not None and (type(count) is not int or count < 0) for count in counts):
        raise RefusedError(422, "Invalid", f"not counts: {counts}")
    if type(spec.get("suspend", False)) is not bool:
        raise RefusedError(400, "BadRequest", "suspend is not a boolean")
    for container in _containers(item):
        _validate_container(container)
    if old and item["kind"] == "Job" and _template(item) != _template(old) and not old["spec"]["suspend"]:
        raise RefusedError(422, "Invalid", "spec.template: field is immutable")


def _validate_container(container: Object) -> None:
    if "image" not in container:
        raise RefusedError(422, "Invalid", "spec.template.spec.containers[].image: Required value")
    amounts = [amount for block in ("requests", "limits") for amount in container["resources"].get(block, {}).values()]
    for amount in amounts:
        if not isinstance(amount, str) or not _QUANTITY.fullmatch(amount):
            raise RefusedError(400, "BadRequest", f"quantities must match the regular expression: {amount!r}")


def canonical(amount: str) -> str:
    """A quantity as the server stores it."""
    return str(Quantity.parse(amount))


def now() -> str:
    """The time as the API writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def all_ready(item: Object) -> None:
    """A controller whose pods are all ready at once."""
    count = item.get("spec", {}).get("replicas", 0)
    seen = {"observedGeneration": item["metadata"]["generation"]}
    match item["kind"]:
        case "Deployment" | "StatefulSet" | "ReplicaSet":
            names = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
            item["status"] = {**seen, **dict.fromkeys(names, count)}
        case "DaemonSet":
            names = ("desiredNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable")
            item["status"] = {**seen, **dict.fromkeys(names, 3)}
        case "HorizontalPodAutoscaler":
            counts = dict.fromkeys(("currentReplicas", "desiredReplicas"), item["spec"]["minReplicas"])
            item["status"] = {**counts, **item.get("status", {})}
        case _:
            item.setdefault("status", {})


def _discovery(path: str, missing: Sequence[str] = ()) -> Object | None:
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        held = [one for one in KINDS if "/" in one and one.partition("/")[0] not in missing]
        versions = [{"groupVersion": one, "version": one.partition("/")[2]} for one in held]
        groups = [
            {"name": one["groupVersion"].partition("/")[0], "versions": [one], "preferredVersion": one}
            for one in versions
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if path == "/openapi/v3":
        return {"paths": {f"apis/{one}": {"serverRelativeURL": f"/openapi/v3/apis/{one}?hash=1"} for one in KINDS}}
    if path.startswith("/openapi/v3/apis/"):
        return _openapi(path.removeprefix("/openapi/v3/apis/"))
    version = "v1" if path == "/api/v1" else path.removeprefix("/apis/")
    if version in KINDS and version.partition("/")[0] not in missing:
        resources = [one for plural, kind in KINDS.get(version, {}).items() for one in _resources(plural, kind)]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}
    return None


def _resources(plural: str, kind: str) -> list[Object]:
    short = _SHORT.get(plural, [])
    item = {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind}
    listed: list[Object] = [{**item, "verbs": _VERBS, "shortNames": short}]
    if plural in _SCALED:
        scale = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        listed.append({"name": f"{plural}/scale", "namespaced": True, "verbs": _VERBS, "singularName": "", **scale})
    return listed


def _openapi(version: str) -> Object:
    """That the server itself looks for unknown fields."""
    group, _, number = version.partition("/")
    paths: Object = {}
    for plural, kind in KINDS[version].items():
        operation = {
            "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
            "x-kubernetes-group-version-kind": {"group": group, "version": number, "kind": kind},
            "responses": {},
        }
        paths[f"/apis/{version}/namespaces/{{namespace}}/{plural}/{{name}}"] = {"patch": operation, "put": operation}
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.2"}, "paths": paths}


def _status(refused: RefusedError) -> Object:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": refused.reason,
        "code": refused.code,
        "message": str(refused),
    }
