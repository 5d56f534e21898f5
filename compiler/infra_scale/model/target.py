"""Target and its clusters: what a request is aimed at."""

from typing import NamedTuple


class Cluster(NamedTuple):
    """One cluster of a target."""

    name: str
    context: str
    """The kubectl context."""
    wave: int
    """Order of execution, from 0."""


class Target(NamedTuple):
    """An environment, such as prod."""

    name: str
    clusters: tuple[Cluster, ...]

    @property
    def kube_context(self) -> str | None:
        """The context that a plan's commands name: the first cluster's, or None when unknown."""
        return self.clusters[0].context if self.clusters else None
