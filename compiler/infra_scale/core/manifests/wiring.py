"""The line that lets a build join our Component of a workload: which file needs it, or why that is not known."""

import posixpath
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.manifests.build import Builder
from infra_scale.core.manifests.outcome import Refusal, Unavailable
from infra_scale.core.manifests.overlays import components_line
from infra_scale.core.manifests.reach import Deployed, components_for, reach
from infra_scale.model.tagged import tagged
from infra_scale.model.target import Target
from infra_scale.model.workload import PatchedRef

_FEW = 3


@tagged
class Line(NamedTuple):
    """An item that a list has to get."""

    path: str
    """The file."""
    field: str
    """components, or that field of an Application."""
    item: str
    component: str
    """The folder of the Component."""
    is_kustomization: bool = True
    """Whether the file is a kustomization."""
    is_listed: bool = False
    """Whether it has the list."""


@tagged
class Undecided(NamedTuple):
    """Why it is not known where a line belongs."""

    what: str
    help: str


def lines_to_join(
    builder: Builder, found: Iterable[Deployed], target: Target, ref: PatchedRef, cluster: str
) -> Iterator[Line | Undecided]:
    """What lets the builds of a workload for a cluster join our Component; nothing where they do, or none is known."""
    found = tuple(found)
    missing = reach(found, ref, cluster).missing
    sure = [one for one in missing if one.is_for(cluster)]
    if not sure and len(missing) > 1:
        several = _listed([one.root or "." for one in missing])
        yield Undecided(
            f"{several} build {ref}, and which of them is for {cluster} is unknown",
            f"set `overlays` of cluster {cluster} in the target {target.name}",
        )
        return
    for one in sure or missing:
        if not sure and len(target.clusters) > 1:
            yield Undecided(
                f"{one.root or '.'} builds {ref}, and is not an overlay of one cluster",
                f"make an overlay for each cluster, and set `overlays` of {cluster} in the target {target.name}",
            )
        else:
            yield _line(builder, found, one, components_for(cluster, ref)[0])


def for_plain_file(path: str, ref: PatchedRef, cluster: str) -> Undecided:
    """What lets a file join our Component that no kustomization names."""
    component = components_for(cluster, ref)[0]
    kustomization = posixpath.join(path.rpartition("/")[0], "kustomization.yaml")
    item = components_line(kustomization, component)
    return Undecided(
        f"{path} is in no kustomization, so nothing joins {component}",
        f"add {kustomization} that lists its files as `resources` and `{item}` as `components`, and apply that folder",
    )


def _line(builder: Builder, found: tuple[Deployed, ...], one: Deployed, component: str) -> Line | Undecided:
    try:
        kustomization = builder.kustomization(one.root)
    except (Refusal, Unavailable):
        help = "add a kustomization.yaml that lists its files as `resources`"
        return Undecided(f"{one.root or '.'} has no kustomization that could join {component}", help)
    path = kustomization.path
    item = components_line(path, component)
    of_root = [other for other in found if other.root == one.root]
    if one.delivery and len(of_root) > 1:  # the kustomization is for all of them
        place = one.delivery.place
        field = ".".join(str(step) for step in (*place.route, "components"))
        return Line(place.file, field, item, component, is_kustomization=False)
    return Line(path, "components", item, component, is_listed="components" in kustomization.fields)


def _listed(words: list[str]) -> str:
    shown = [*words[:_FEW], f"{len(words) - _FEW} more"] if len(words) > _FEW else words
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
