"""Read and write the objects of one cluster with kubectl: JSON in, JSON out, every option explicit."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, NoReturn, assert_never

from infra_scale.adapters import process
from infra_scale.adapters.kubernetes.kubectl import Kubectl, KubectlError, last_line, refusal
from infra_scale.core.executing.requests import (
    MANAGER,
    RESOURCES,
    CreateRequest,
    DeleteRequest,
    PatchRequest,
    Request,
    collection,
    resource,
)
from infra_scale.core.executing.writes import Object
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.step import OBJECT_KINDS, ObjectRef
from infra_scale.ports.cluster import Absent, ConflictError, Forbidden

_GRACE_SECONDS = 5.0
_KINDS = {kind: kind for kind in OBJECT_KINDS}


class LiveKubectl(NamedTuple):
    """A `LiveCluster`."""

    kubectl: Kubectl

    def cluster_uid(self) -> str:
        """The UID of the namespace kube-system. Raises InfraScaleError."""
        found = self.get("/api/v1/namespaces/kube-system")
        metadata = found.get("metadata") if found else None
        return str(metadata.get("uid") or "") if isinstance(metadata, dict) else ""

    def read(self, refs: Sequence[ObjectRef]) -> Mapping[ObjectRef, Object]:
        """Those of the objects that exist, with their managed fields. Raises InfraScaleError."""
        found: dict[ObjectRef, Object] = {}
        for namespace in dict.fromkeys(ref.namespace for ref in refs):
            names = [f"{resource(ref)}/{ref.name}" for ref in refs if ref.namespace == namespace]
            options = ("-n", namespace, "--ignore-not-found", "--show-managed-fields")
            found |= _by_ref(_items(self._answered("get", *names, *options)))
        return found

    def autoscalers(self, namespace: str) -> Mapping[ObjectRef, Object]:
        """All HPAs of a namespace; KEDA's are among them. Raises InfraScaleError."""
        named = resource(ObjectRef(AUTOSCALER_KINDS["hpa"], namespace, ""))
        return _by_ref(_items(self._answered("get", named, "-n", namespace, "--show-managed-fields")))

    def pods(self, namespace: str, labels: Mapping[str, str]) -> Sequence[Object]:
        """The pods of a namespace that have these labels. Raises InfraScaleError."""
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        return tuple(_items(self._answered("get", "pods", "-n", namespace, "--selector", selector)))

    def refusals(self, ref: ObjectRef) -> Sequence[Object]:
        """The events that report pods of a workload that could not be created. Raises InfraScaleError."""
        selected = f"reason=FailedCreate,involvedObject.kind={ref.kind},involvedObject.name={ref.name}"
        return tuple(_items(self._answered("get", "events", "-n", ref.namespace, "--field-selector", selected)))

    def send(self, request: Request, *, is_dry_run: bool = False) -> str:
        """Send a write; what the server answers if it was refused or not answered. Raises no error."""
        try:
            done = self._run(*_arguments(request, is_dry_run=is_dry_run), given=_body(request))
        except process.SlowProgramError as error:
            return error.message
        return "" if done.code == 0 else last_line(done.complaint)

    def get(self, path: str) -> Object | None:
        """The object at a path of the API; None if it does not exist. Raises InfraScaleError."""
        done = self._run("get", "--raw", path)
        if done.code == 0:
            return _parsed(done.output)
        if not isinstance(self._refusal("get --raw", done), Absent):
            self._refuse("get --raw", done)
        return None

    def create(self, path: str, item: Object) -> Object:
        """Create an object in a collection. Raises ConflictError and InfraScaleError."""
        return self._raw("create", f"{path}?fieldManager={MANAGER}", item)

    def replace(self, path: str, item: Object) -> Object:
        """Replace an object. Raises ConflictError and InfraScaleError."""
        return self._raw("replace", f"{path}?fieldManager={MANAGER}", item)

    def _raw(self, verb: str, path: str, item: Object) -> Object:
        done = self._run(verb, "--raw", path, "-f", "-", given=json.dumps(item).encode())
        if "(Conflict)" in done.complaint or "(AlreadyExists)" in done.complaint:
            raise ConflictError(last_line(done.complaint))
        if done.code != 0:
            self._refuse(f"{verb} --raw", done)
        return _parsed(done.output)

    def _answered(self, *question: str) -> bytes:
        done = self._run(*question, "--output", "json")
        if done.code != 0:
            self._refuse(" ".join(question[:2]), done)
        return done.output

    def _run(self, *arguments: str, given: bytes = b"") -> process.Completed:
        kubectl = self.kubectl
        command = ("kubectl", *kubectl.place, f"--request-timeout={kubectl.seconds:g}s", *arguments)
        return process.run(command, given=given, seconds=kubectl.seconds + _GRACE_SECONDS)

    def _refusal(self, question: str, done: process.Completed) -> object:
        return refusal(self.kubectl, (question,), done.complaint)

    def _refuse(self, question: str, done: process.Completed) -> NoReturn:
        found = self._refusal(question, done)
        reason = found.reason if isinstance(found, Forbidden) else last_line(done.complaint)
        hint = f"`infra-scale rbac` prints the role that it needs in {self.kubectl.context}"
        message = f"kubectl {question}: {reason}"
        raise KubectlError(message, hint=hint)


def _arguments(request: Request, *, is_dry_run: bool) -> tuple[str, ...]:
    """kubectl's arguments of a write."""
    match request:
        case PatchRequest(ref, subresource, patch):
            below = (f"--subresource={subresource}",) if subresource else ()
            dry = ("--dry-run=server",) if is_dry_run else ()
            options = ("--type=json", f"--field-manager={MANAGER}", "--output", "json", *below, *dry)
            return ("patch", resource(ref), ref.name, "-n", ref.namespace, *options, "-p", json.dumps(patch))
        case CreateRequest(ref, _):
            return (
                "create",
                "--raw",
                f"{collection(ref)}?fieldManager={MANAGER}{_dry(is_dry_run=is_dry_run)}",
                "-f",
                "-",
            )
        case DeleteRequest(ref, _):
            return (
                "delete",
                "--raw",
                f"{collection(ref)}/{ref.name}?{_dry(is_dry_run=is_dry_run).lstrip('&')}",
                "-f",
                "-",
            )
        case _:
            assert_never(request)


def _dry(*, is_dry_run: bool) -> str:
    return "&dryRun=All" if is_dry_run else ""


def _body(request: Request) -> bytes:
    return b"" if isinstance(request, PatchRequest) else json.dumps(request.body).encode()


def _parsed(output: bytes) -> Object:
    try:
        read = json.loads(output)
    except ValueError as error:
        message = "kubectl printed no JSON"
        raise KubectlError(message, hint="check its version with `kubectl version`") from error
    return read if isinstance(read, dict) else {}


def _items(output: bytes) -> Iterable[Object]:
    """The objects of a list, or the only one; nothing printed is nothing found."""
    if not output.strip():
        return ()
    read = _parsed(output)
    items = read.get("items")
    if isinstance(items, list):
        return (one for one in items if isinstance(one, dict))
    return (read,)


def _by_ref(items: Iterable[Object]) -> dict[ObjectRef, Object]:
    found: dict[ObjectRef, Object] = {}
    for item in items:
        metadata = item.get("metadata")
        kind = next((known for known in RESOURCES if known == item.get("kind")), None)
        if kind in _KINDS and isinstance(metadata, dict):
            found[ObjectRef(_KINDS[kind], str(metadata.get("namespace")), str(metadata.get("name")))] = item
    return found
