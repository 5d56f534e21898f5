"""Cluster: responses of the API server of a Kubernetes cluster."""

from dataclasses import dataclass
from typing import Protocol


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
