"""Helm: which values of a chart set the fields of a workload, and what Git sets for one workload of a release."""

from typing import Literal, NamedTuple

from infra_scale.model.workload import Kind, ReleaseRef, WorkloadRef

Path = tuple[str, ...]
"""Keys from the root of the values."""
Scalar = int | bool | str


class Metric(NamedTuple):
    """The values of one target of a chart's autoscaler."""

    path: Path
    """Percent of the request; 0 is no target, unless there is a switch."""
    enabled: Path | None = None
    """Its switch; None: it has none."""


class HpaPaths(NamedTuple):
    """The values of a chart's own autoscaler."""

    enabled: Path
    minimum: Path
    maximum: Path
    target_cpu: Metric | None
    """None: the chart has none."""
    target_memory: Metric | None


class AmountPaths(NamedTuple):
    """The values of requests or limits; None: the chart has none."""

    cpu: Path | None
    memory: Path | None


class HelmEntry(NamedTuple):
    """The values that one workload of a chart reads."""

    chart: str
    """A pattern on the name of the chart."""
    kind: Kind = "Deployment"
    name: str = "{fullname}"
    """The workload's name: {release}, {chart} and {fullname} are replaced, likewise in the keys of paths."""
    container: str = "{chart}"
    replicas: Path | None = ("replicaCount",)
    requests: AmountPaths = AmountPaths(("resources", "requests", "cpu"), ("resources", "requests", "memory"))
    limits: AmountPaths = AmountPaths(("resources", "limits", "cpu"), ("resources", "limits", "memory"))
    hpa: HpaPaths | None = None
    """None: the chart has no autoscaler."""
    is_explicit: bool = False
    """Whether it names a path, instead of only those that `helm create` writes."""
    release: str = ""
    """The release of `files`."""
    namespace: str = ""
    """The namespace of that release."""
    files: tuple[str, ...] = ()
    """The values files that helm reads before ours; none: a HelmRelease in the manifests."""

    def paths(self) -> tuple[Path, ...]:
        """All values that it may set."""
        hpa = self.hpa
        metrics = (hpa.target_cpu, hpa.target_memory) if hpa else ()
        switches = [one.enabled for one in metrics if one]
        found = [self.replicas, *self.requests, *self.limits, *(hpa[:3] if hpa else ())]
        found += [*(one.path for one in metrics if one), *switches]
        return tuple(dict.fromkeys(path for path in found if path))


class HelmValue(NamedTuple):
    """A value of a path in Git."""

    path: Path
    text: str | None
    """None: Git does not set it, or it is unknown."""
    file: str = ""
    """The file that sets it; empty if none does."""
    unknown: str = ""
    """Why it is unknown."""
    is_list: bool = False
    """Whether a list or another scalar is on the way: then the path cannot be set."""
    has_map: bool = False
    """Whether Git has the map of resources that an amount belongs to."""


class StrongerValue(NamedTuple):
    """Something that takes precedence over a value of ours."""

    path: Path
    what: str


class ChartWorkload(NamedTuple):
    """A workload that a chart renders: its release, the values that it reads, and what Git sets for them."""

    release: str
    chart: str
    entry: HelmEntry
    """With all names filled in."""
    values: tuple[HelmValue, ...]
    file: str
    """The file that declares the HelmRelease; else the last values file."""
    api_version: str = ""
    """Of the HelmRelease, as its name and namespace for patches; empty: a values file is rendered."""
    object_name: str = ""
    object_namespace: str = ""
    """The namespace that the HelmRelease has in the build; empty if it has none there."""
    patch_name: str = ""
    patch_namespace: str | None = None
    stronger: tuple[StrongerValue, ...] = ()
    has_chart_in_git: bool = False
    """Whether the defaults of the chart are in Git."""
    not_checked: tuple[str, ...] = ()
    """What may also set values, and is not read."""
    rivals: int = 0
    """How many other entries are for the same workload of the release."""

    @property
    def delivery(self) -> Literal["helmrelease", "helm"]:
        """How its values reach the release: a patch of a HelmRelease, or a values file."""
        return "helmrelease" if self.api_version else "helm"

    def value(self, path: Path | None) -> HelmValue | None:
        """What Git has at a path; None for no path."""
        return next((one for one in self.values if one.path == path), None)

    def number(self, path: Path | None) -> str | None:
        """The text of a value in Git; None if it is not set or unknown."""
        found = self.value(path)
        return found.text if found else None


def release_ref(ref: WorkloadRef, chart: ChartWorkload) -> ReleaseRef | None:
    """The HelmRelease that our Component of a workload patches; None if its values go into a file."""
    if not chart.api_version:
        return None
    return ReleaseRef("HelmRelease", ref.namespace, chart.object_name, chart.object_namespace or ref.namespace)
