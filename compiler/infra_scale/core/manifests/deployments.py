"""The builds that deploy a workload, found without building the others; and what our Component does in them."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.delivery import Delivery, deliveries, delivery_objects
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.promised import Checked, checked
from infra_scale.core.manifests.reach import Deployed, clusters_of, components_for, is_mapped, reach
from infra_scale.core.manifests.wiring import Line, lines_to_join
from infra_scale.model.manifest import Fault
from infra_scale.model.names import RENDERED, quoted
from infra_scale.model.source import Found
from infra_scale.model.target import Target
from infra_scale.model.workload import PatchedRef


class _Key(NamedTuple):
    """One build."""

    root: str
    delivery: int
    """Its number; -1: as kustomize builds the folder."""


class Deployments:
    """The builds of one target."""

    def __init__(self, inventory: Inventory, target: Target) -> None:
        self._inventory, self._target = inventory, target
        self._builder = Builder(inventory.files, empty=(RENDERED,), streams=inventory.read.streams)
        self._built: dict[_Key, Deployed] = {}

    def of(self, ref: PatchedRef) -> tuple[Deployed, ...]:
        """Those that may have a workload, or that join our Component of it."""
        inventory = self._inventory
        declared = inventory.releases if ref.kind == "HelmRelease" else inventory.declared
        paths = list(declared.get((ref.kind, ref.name), ()))
        for cluster in self._target.clusters:
            paths += components_for(cluster.name, ref)
        folders = {folder for path in paths for folder in inventory.leading_to(path)} | inventory.renaming
        above = {path.rsplit("/", level)[0] for path in paths for level in range(1, path.count("/") + 1)}
        delivered = [
            index for index, one in enumerate(self._delivered) if one.root in folders | above or _joins_ours(one)
        ]
        own = {self._delivered[index].root for index in delivered}
        mapped = (one for one in folders if any(is_mapped(cluster, one) for cluster in self._target.clusters))
        roots = (folders & inventory.roots | {*mapped}) - own
        keys = [_Key(self._delivered[index].root, index) for index in delivered]
        keys += (_Key(root, -1) for root in sorted(roots))
        return tuple(map(self._deployed, keys))

    def faults(self, ref: PatchedRef, cluster: str, *, is_autoscaled: bool) -> Iterator[Fault]:
        """Why our Component of a workload does not reach the builds of a cluster, or breaks one."""
        found = self.of(ref)
        here = reach(found, ref, cluster)
        for one, join in here.broken:
            where = quoted(one.root or ".", "an overlay")
            what = f"{where} joins {join.component} and does not build {ref}"
            file = quoted(join.place.file, "its kustomization file")
            if join.component == components_for(cluster, ref)[0]:
                fix = f"delete that line in {file}"
            elif not any(other.has(ref) for other in found):
                yield Fault("stranded", cluster, what, "")
                continue
            else:
                fix = f"in {file}, list the Components of the workloads that it builds instead"
            yield Fault("breaks", cluster, what, fix)
        for line in lines_to_join(self._builder, found, self._target, ref, cluster):
            what = f"no overlay joins the Component of {ref} for {cluster}, so this plan changes nothing there"
            if not isinstance(line, Line):
                yield Fault("unjoined", cluster, what, f"{line.what}: {line.help}")
                continue
            sure = is_autoscaled and any(self._is_surely_deployed(one) for one in here.missing)
            fix = f"add `{line.item}` to `{line.field}` in {quoted(line.path, 'the kustomization file')}"
            fix += ", or run `infra-scale wire`" if line.is_kustomization else ""
            yield Fault("unjoined", cluster, what, fix, is_certain=sure)

    def checked(self, ref: PatchedRef, cluster: str, rendered: Mapping[str, Found]) -> Iterator[Checked]:
        """The builds that join our Component, with it."""
        for one in reach(self.of(ref), ref, cluster).joined:
            yield checked({**self._inventory.files, **rendered}, one, ref, cluster)

    def _is_surely_deployed(self, one: Deployed) -> bool:
        """Whether something in the repository shows that a build is applied as it is."""
        joined = [join.component for join in one.build.joins] if isinstance(one.build, Build) else []
        is_wired = any(component.startswith(f"{RENDERED}/") for component in joined)
        return is_wired or one.delivery is not None or any(is_mapped(of, one.root) for of in self._target.clusters)

    @cached_property
    def _delivered(self) -> tuple[Delivery, ...]:
        names = [cluster.name for cluster in self._target.clusters]
        files = self._inventory.files
        return deliveries(delivery_objects(files), files, names)

    def _deployed(self, key: _Key) -> Deployed:
        if key not in self._built:
            delivery = self._delivered[key.delivery] if key.delivery >= 0 else None
            build = self._build(key.root, delivery)
            clusters = clusters_of(key.root, build, self._target, delivery.cluster if delivery else "")
            self._built[key] = Deployed(key.root, build, clusters, delivery)
        return self._built[key]

    def _build(self, root: str, delivery: Delivery | None) -> Build | Refused:
        if delivery is None:
            return self._builder.build(root)
        return self._builder.build(root, delivery.overrides, delivery.place)


def _joins_ours(delivery: Delivery) -> bool:
    listed = delivery.overrides.get("components")
    return isinstance(listed, list) and any(isinstance(one, str) and RENDERED in one for one in listed)
