"""Target: a deployment environment, and its clusters."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.model.cost import Budget
from infra_scale.model.helm import HelmEntry
from infra_scale.model.manifest import Bases
from infra_scale.model.policy import Policy
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.workload import Cluster

DEFAULT_MAX_AGE = 24
"""Hours."""


class Target(NamedTuple):
    """An environment, such as prod."""

    name: str
    clusters: tuple[Cluster, ...]
    manifests: tuple[str, ...] = ()
    """Folders with the base manifests of the applications, from the root of the repository."""
    policy: Policy = Policy()
    max_age: int = DEFAULT_MAX_AGE
    """The maximum age of a snapshot, in hours."""
    prices: str | None = None
    """The name of the default price sheet for clusters without one."""
    budget: Budget | None = None
    """The limits of the monthly cost change of one request."""
    helm: tuple[HelmEntry, ...] = ()
    """The values that charts read."""

    @property
    def kube_context(self) -> str | None:
        """The context that a plan's commands name: the first cluster's, or None when unknown."""
        return self.clusters[0].context if self.clusters else None

    def has_manifest(self, path: str) -> bool:
        """Whether a file is in one of its manifest folders."""
        return any(path.startswith(f"{folder}/") for folder in self.manifests)

    def clusters_of(self, name: str | None) -> tuple[Cluster, ...]:
        """The cluster with this name, or all of them for None, in the order of execution."""
        named = (cluster for cluster in self.clusters if name in (None, cluster.name))
        return tuple(sorted(named, key=lambda cluster: cluster.wave))


class TargetedRequest(NamedTuple):
    """A request, its target, and its workloads in the manifests."""

    request: ScaleRequest
    target: Target
    bases: Bases
    unknown: frozenset[Route] = frozenset()
    """The workloads that the manifests may have in a way that is unknown."""

    def workloads_for(self, cluster: str) -> Iterator[Workload]:
        """The workloads that are for a cluster."""
        if any(one.name == cluster for one in self.target.clusters):
            yield from (one for one in self.request.workloads if one.cluster in (None, cluster))
