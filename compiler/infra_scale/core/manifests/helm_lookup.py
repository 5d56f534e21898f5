"""The workload of a request among those that charts render: which release has it, and what Git sets for it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.candidates import END, Candidate
from infra_scale.core.manifests.helm_names import chart_name, filled, is_chart
from infra_scale.core.manifests.helm_releases import (
    Release,
    defaults_of,
    helm_releases,
    is_at,
    namespace_of,
    release_of,
)
from infra_scale.core.manifests.helm_values import Layer, layer_of, values_at
from infra_scale.core.manifests.helm_workload import base_of_chart
from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.membership import counterparts, name_for_patches
from infra_scale.core.manifests.outcome import Reason
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.helm import ChartWorkload, HelmEntry, StrongerValue
from infra_scale.model.names import RENDERED, component_name, is_name
from infra_scale.model.source import Found
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import WorkloadRef

_APP_TEMPLATE = "app-template"


@tagged
class Unlisted(NamedTuple):
    """A release whose chart may create a workload for which the target has no entry."""

    release: str
    """The HelmRelease."""
    chart: str
    """Its chart, if it creates the workload by the naming rules of Helm; else empty."""


Outcome = Candidate | Unlisted | Reason


def in_build(
    root: str, build: Build, ref: WorkloadRef, entries: tuple[HelmEntry, ...], inventory: Inventory
) -> Iterator[Outcome]:
    """A workload in the HelmReleases of a build; why it may be there."""
    for final in helm_releases(build.resources):
        if namespace_of(final) not in ("", ref.namespace):
            continue
        joins = [join for join in build.joins if _is_of(join.component, ref, final)]
        places = joins or [join for join in build.joins if join.component == END]
        join = next((one for one in places if any(counterparts(one.before, final))), None)
        before = next(counterparts(join.before, final), None) if join else None
        if join is None or before is None:
            continue
        release = release_of(before, join.before, inventory.charts, inventory.files)
        found = _entries_for(ref, release, entries)
        patch = name_for_patches(join.before, before)
        if found and not isinstance(patch, Id):
            yield Reason(f"{root} builds HelmRelease/{final.id.name} so that no patch can name it", join.place)
        elif found and isinstance(patch, Id):
            made = _of_release(found, release, before, final, patch)
            clusters = frozenset(one.component.removeprefix(f"{RENDERED}/").partition("/")[0] for one in joins)
            yield Candidate(root, base_of_chart(ref, made), bool(joins), clusters)
        elif unlisted := _unlisted(ref, release, str(final.id.name)):
            yield unlisted


def _is_of(component: str, ref: WorkloadRef, release: Resource) -> bool:
    _, _, inside = component.removeprefix(f"{RENDERED}/").partition("/")
    return inside == f"{ref.namespace}/{component_name('HelmRelease', str(release.id.name))}"


def _entries_for(ref: WorkloadRef, release: Release, entries: Iterable[HelmEntry]) -> list[HelmEntry]:
    """The entries for a workload of a release, with its names."""
    if not release.chart:
        return []
    found = (filled(one, release.names) for one in entries if not one.files and is_chart(one.chart, release.chart))
    return [one for one in found if (one.kind, one.name) == (ref.kind, ref.name)]


def _unlisted(ref: WorkloadRef, release: Release, name: str) -> Unlisted | None:
    """A release without an entry for a workload that its name suggests."""
    if not is_name(name):
        return None
    names = release.names
    by_rule = release.name if names["chart"] == _APP_TEMPLATE else names["fullname"]
    if ref.name == by_rule and ref.kind in ("Deployment", "StatefulSet"):
        return Unlisted(name, names["chart"])
    is_near = ref.name in (name, release.name) or any(
        whole and ref.name.startswith(f"{whole}-") for whole in (by_rule, release.name)
    )
    return Unlisted(name, "") if is_near else None


def _of_release(
    found: list[HelmEntry], release: Release, before: Resource, final: Resource, patch: Id
) -> ChartWorkload:
    entry = found[0]
    written = str(text_at(before.doc, "metadata", "namespace"))
    named = written if patch == before.id else "" if patch.namespace == "default" else patch.namespace
    return ChartWorkload(
        release.name,
        chart_name(release.chart),
        entry,
        values_at(release.layers, entry.paths()),
        before.place.file,
        api_version=str(text_at(before.doc, "apiVersion")),
        object_name=str(final.id.name),
        object_namespace=str(text_at(final.doc, "metadata", "namespace")),
        patch_name=str(patch.name),
        patch_namespace=named or None,
        stronger=tuple(_stronger(entry, release)),
        has_chart_in_git=release.has_chart_in_git,
        not_checked=release.not_checked,
        rivals=len(found) - 1,
    )


def _stronger(entry: HelmEntry, release: Release) -> Iterator[StrongerValue]:
    for target, source in release.targets:
        for path in entry.paths():
            if is_at(target, path):
                yield StrongerValue(path, f"targetPath {target} of valuesFrom ({source})")


def in_values_files(ref: WorkloadRef, entries: Iterable[HelmEntry], files: Mapping[str, Found]) -> Iterator[Candidate]:
    """A workload of a release that no object in Git describes: the entries with values files."""
    found: list[ChartWorkload] = []
    for entry in entries:
        if not entry.files or entry.namespace != ref.namespace:
            continue
        chart = "" if "*" in entry.chart else chart_name(entry.chart)
        defaults = [layer for path in files for layer in _defaults(path, chart, files)] if chart else []
        layers = (*defaults, *(layer_of(path, files) for path in entry.files))
        release = Release(entry.release, chart, layers, has_chart_in_git=bool(defaults))
        own = filled(entry, release.names)
        if (own.kind, own.name) == (ref.kind, ref.name):
            values = values_at(layers, own.paths())
            found.append(
                ChartWorkload(
                    entry.release,
                    chart or entry.chart,
                    own,
                    values,
                    entry.files[-1],
                    has_chart_in_git=bool(defaults),
                    not_checked=release.not_checked,
                )
            )
    if found:
        yield Candidate("", base_of_chart(ref, found[0]._replace(rivals=len(found) - 1)), is_joined=False)


def _defaults(path: str, chart: str, files: Mapping[str, Found]) -> Iterator[Layer]:
    if path.endswith(f"/{chart}/Chart.yaml"):
        yield from defaults_of(path.removesuffix("/Chart.yaml"), files)
