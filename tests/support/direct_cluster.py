"""A `LiveCluster` that talks HTTP to the look-alike of the API server itself: a thousandth of the time of kubectl.

It can be cut off after a number of writes, as a run that is killed is.
"""

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import quote

from infra_scale.core.executing.fields import value_at
from infra_scale.core.executing.requests import (
    MANAGER,
    CreateRequest,
    DeleteRequest,
    PatchRequest,
    Request,
    collection,
)
from infra_scale.core.executing.writes import Object
from infra_scale.errors import InfraScaleError
from infra_scale.model.step import ObjectRef
from infra_scale.ports.cluster import ConflictError
from support.workload_server import WorkloadServer


class KilledError(BaseException):
    """The process is gone: nothing after this reaches the cluster."""


class DirectCluster:
    """One cluster, as one process sees it."""

    def __init__(
        self, server: WorkloadServer, *, dies_at: int | None = None, when: Literal["before", "after"] = "before"
    ) -> None:
        """With `dies_at`, the n-th write (from 0) is the last thing that this process does, or nearly does."""
        self._address = server.server_address
        self._dies_at, self._when = dies_at, when
        self.writes = 0

    @property
    def is_dead(self) -> bool:
        """Whether it was cut off."""
        return self._dies_at is not None and self.writes > self._dies_at

    def cluster_uid(self) -> str:
        """See LiveCluster."""
        found = self.get("/api/v1/namespaces/kube-system")
        return str(value_at(found, "/metadata/uid"))

    def read(self, refs: Sequence[ObjectRef]) -> Mapping[ObjectRef, Object]:
        """See LiveCluster."""
        found = {ref: self.get(f"{collection(ref)}/{ref.name}") for ref in refs}
        return {ref: item for ref, item in found.items() if item is not None}

    def autoscalers(self, namespace: str) -> Mapping[ObjectRef, Object]:
        """See LiveCluster."""
        ref = ObjectRef("HorizontalPodAutoscaler", namespace, "")
        items = self._items(collection(ref))
        return {ref._replace(name=str(value_at(item, "/metadata/name"))): item for item in items}

    def pods(self, namespace: str, labels: Mapping[str, str]) -> Sequence[Object]:
        """See LiveCluster."""
        selector = quote(",".join(f"{key}={value}" for key, value in labels.items()))
        return self._items(f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")

    def refusals(self, ref: ObjectRef) -> Sequence[Object]:
        """See LiveCluster."""
        selector = quote(f"reason=FailedCreate,involvedObject.name={ref.name}")
        return self._items(f"/api/v1/namespaces/{ref.namespace}/events?fieldSelector={selector}")

    def send(self, request: Request, *, is_dry_run: bool = False) -> str:
        """See LiveCluster."""
        dry = "&dryRun=All" if is_dry_run else ""
        where = f"{collection(request.ref)}/{request.ref.name}"
        match request:
            case PatchRequest(_, subresource, patch):
                path = f"{where}/{subresource}".rstrip("/")
                code, body = self._call("PATCH", f"{path}?fieldManager={MANAGER}{dry}", patch)
            case CreateRequest(ref, made):
                code, body = self._call("POST", f"{collection(ref)}?fieldManager={MANAGER}{dry}", made)
            case DeleteRequest(_, made):
                code, body = self._call("DELETE", f"{where}?{dry.lstrip('&')}", made)
        return "" if code < 300 else str(body.get("message"))

    def get(self, path: str) -> Object | None:
        """See LiveCluster."""
        code, body = self._call("GET", path)
        return None if code == 404 else _checked(code, body)

    def create(self, path: str, item: Object) -> Object:
        """See LiveCluster."""
        return _checked(*self._call("POST", f"{path}?fieldManager={MANAGER}", item))

    def replace(self, path: str, item: Object) -> Object:
        """See LiveCluster."""
        return _checked(*self._call("PUT", f"{path}?fieldManager={MANAGER}", item))

    def _items(self, path: str) -> Sequence[Object]:
        found = self.get(path)
        return tuple(found["items"]) if found else ()  # type: ignore[arg-type]

    def _call(self, method: str, path: str, body: object = None) -> tuple[int, Object]:
        is_write = method != "GET" and "dryRun" not in path
        if self.is_dead:
            raise KilledError
        is_last = is_write and self.writes == self._dies_at
        self.writes += is_write
        if is_last and self._when == "before":
            raise KilledError
        connection = http.client.HTTPConnection(str(self._address[0]), int(self._address[1]), timeout=60)
        kind = "application/json-patch+json" if method == "PATCH" else "application/json"
        content = json.dumps(body).encode() if body is not None else None
        connection.request(method, path, content, {"Content-Type": kind, "User-Agent": "infra-scale"})
        answer = connection.getresponse()
        read = json.loads(answer.read())
        connection.close()
        if is_last:
            raise KilledError
        return answer.status, read


def _checked(code: int, body: Object) -> Object:
    if code == 409:
        raise ConflictError(str(body.get("message")))
    if code >= 300:
        raise InfraScaleError(str(body.get("message")))
    return body
