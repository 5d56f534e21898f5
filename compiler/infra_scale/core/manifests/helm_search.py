"""The builds whose charts have the workload of a request."""

from collections.abc import Callable
from typing import NamedTuple

from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.candidates import END, Candidate
from infra_scale.core.manifests.helm_lookup import Unlisted, in_build, in_values_files
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.loose import loose_objects
from infra_scale.core.manifests.outcome import Place, Reason, Refused
from infra_scale.core.manifests.state import Join
from infra_scale.model.helm import HelmEntry
from infra_scale.model.manifest import Absence
from infra_scale.model.workload import WorkloadRef


class Found(NamedTuple):
    """What charts have of a workload."""

    candidates: list[Candidate]
    unknown: list[Reason]
    absence: Absence | None = None
    """The release that may create it, without an entry."""


def charts_with(
    ref: WorkloadRef, entries: tuple[HelmEntry, ...], inventory: Inventory, build: Callable[[str], Build | Refused]
) -> Found:
    """The releases with a workload, by the entries of a target."""
    found: list[Candidate] = [*in_values_files(ref, entries, inventory.files)]
    unknown: list[Reason] = []
    unlisted: list[Unlisted] = []
    builds: list[tuple[str, Build]] = []
    paths: list[str] = [path for declared in inventory.releases.values() for path in declared]
    for path in paths:
        if inventory.is_loose(path):
            resources = loose_objects(inventory, path)
            joined = (Join((), END, resources, Place(path)),)
            builds.append(("", Build(resources, joins=joined)))
    roots = {root for path in paths for root in inventory.roots_of(path)}
    builds += ((root, built) for root in sorted(roots) if isinstance(built := build(root), Build))
    for root, built in builds:
        for one in in_build(root, built, ref, entries, inventory):
            if isinstance(one, Candidate):
                found.append(one)
            elif isinstance(one, Unlisted):
                unlisted.append(one)
            else:
                unknown.append(one)
    if found or not unlisted:
        return Found(found, unknown)
    best = next((one for one in unlisted if one.chart), unlisted[0])
    return Found([], unknown, Absence("", release=best.release, chart=best.chart))
