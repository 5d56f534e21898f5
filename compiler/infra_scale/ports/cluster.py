"""Cluster: responses of the API server of a Kubernetes cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from infra_scale.errors import InfraScaleError

if TYPE_CHECKING:
    from infra_scale.core.executing.requests import Request
    from infra_scale.core.executing.writes import Object
    from infra_scale.model.step import ObjectRef


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The API server does not show it to this user."""

    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The API server has no such object or resource."""


Answer = bytes | Forbidden | Absent


class Cluster(Protocol):
    """One cluster. Every call raises InfraScaleError."""

    def version(self) -> Answer:
        """The versions of client and server as JSON."""

    def objects(self, resource: str) -> Answer:
        """All objects of a resource in all namespaces, as one JSON list."""

    def namespace(self, name: str) -> Answer:
        """One namespace as JSON."""


class ConflictError(InfraScaleError):
    """The object was changed or created by another writer since it was read."""


class LiveCluster(Protocol):
    """One cluster that is written to. Every call raises InfraScaleError if the API server does not answer."""

    def cluster_uid(self) -> str:
        """The UID of the namespace kube-system, which identifies a cluster."""

    def read(self, refs: "Sequence[ObjectRef]") -> "Mapping[ObjectRef, Object]":
        """Those of the objects that exist, with their managed fields."""

    def autoscalers(self, namespace: str) -> "Mapping[ObjectRef, Object]":
        """All HPAs of a namespace; each ScaledObject has one."""

    def pods(self, namespace: str, labels: Mapping[str, str]) -> "Sequence[Object]":
        """The pods of a namespace that have these labels."""

    def refusals(self, ref: "ObjectRef") -> "Sequence[Object]":
        """The events that report pods of a workload that could not be created."""

    def send(self, request: "Request", *, is_dry_run: bool = False) -> str:
        """Send a write. Returns the words of the server if it was refused or not answered, else nothing.

        Read back what holds then: the same words can mean a failed test and a wrong path.
        """

    def get(self, path: str) -> "Object | None":
        """The object at a path of the API; None if it does not exist."""

    def create(self, path: str, item: "Object") -> "Object":
        """Create an object in a collection. Raises ConflictError if it exists."""

    def replace(self, path: str, item: "Object") -> "Object":
        """Replace an object. Raises ConflictError if its resourceVersion is not the current one."""
