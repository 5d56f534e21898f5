"""The builds that deploy a workload, found without building the others; and what our Component does in them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.delivery import Delivery, deliveries, delivery_objects
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.loose import plain_files
from infra_scale.core.manifests.moving import how_to_delete
from infra_scale.core.manifests.outcome import Place, Refused
from infra_scale.core.manifests.promised import Checked, checked
from infra_scale.core.manifests.provenance import line_of, located
from infra_scale.core.manifests.reach import Deployed, clusters_of, components_for, is_mapped, reach
from infra_scale.core.manifests.wiring import Line, Undecided, for_plain_file, lines_to_join
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
        self._builder = Builder(inventory.files, empty=(RENDERED,), known=inventory.known)
        self._built: dict[_Key, Deployed] = {}

    def of(self, ref: PatchedRef) -> tuple[Deployed, ...]:
        """Those that may have a workload, or that join our Component of it."""
        inventory = self._inventory
        paths = [*inventory.declaring(ref.kind, ref.name)]
        for cluster in self._target.clusters:
            paths += components_for(cluster.name, ref)
        folders = {folder for path in paths for folder in inventory.leading_to(path)} | inventory.renaming
        above = {path.rsplit("/", level)[0] for path in paths for level in range(1, path.count("/") + 1)}
        delivered = [
            index for index, one in enumerate(self._delivered) if one.root in folders | above or _joins_ours(one)
        ]
        own = {self._delivered[index].root for index in delivered}
        roots = (folders & inventory.roots | {*filter(self._is_mapped, folders)}) - own
        keys = [_Key(self._delivered[index].root, index) for index in delivered]
        keys += (_Key(root, -1) for root in sorted(roots))
        return tuple(map(self._deployed, keys))

    @cached_property
    def places(self) -> frozenset[str]:
        """The folders whose kustomization may join our Components: roots, and what is deployed by itself."""
        deployed = {one.root for one in self._delivered}
        if any(cluster.overlays for cluster in self._target.clusters):
            deployed |= {*filter(self._is_mapped, {path.rpartition("/")[0] for path in self._inventory.files})}
        return frozenset(self._inventory.roots | deployed)

    def _is_mapped(self, folder: str) -> bool:
        return any(is_mapped(cluster, folder) for cluster in self._target.clusters)

    def faults(self, ref: PatchedRef, cluster: str, *, is_autoscaled: bool) -> Iterator[Fault]:
        """Why our Component of a workload does not reach the builds of a cluster, or breaks one."""
        found = self.of(ref)
        here = reach(found, ref, cluster)
        for one, join in here.broken:
            where = quoted(one.root or ".", "an overlay")
            what = f"{where} joins {join.component} and does not build {ref}"
            file = located(self._inventory.files, join.place)
            if join.component == components_for(cluster, ref)[0]:
                fix = f"delete that line in {file}"
            elif not any(other.has(ref) for other in found):
                yield Fault("stranded", cluster, what, "")
                continue
            else:
                fix = f"in {file}, list the Components of the workloads that it builds instead"
            yield Fault("breaks", cluster, what, fix)
        for line in self._lines(found, ref, cluster):
            what = f"no overlay joins the Component of {ref} for {cluster}, so this plan changes nothing there"
            if not isinstance(line, Line):
                yield Fault("unjoined", cluster, what, f"{line.what}: {line.help}")
                continue
            sure = is_autoscaled and any(self._is_surely_deployed(one) for one in here.missing)
            number = line_of(self._inventory.files, Place(line.path, route=("components",))) if line.is_listed else 0
            fix = f"add `{line.item}` to `{line.field}` in {quoted(line.path, 'the kustomization file', number)}"
            fix += ", or run `infra-scale wire`" if line.is_kustomization else ""
            yield Fault("unjoined", cluster, what, fix, is_certain=sure)

    def owned(self, ref: PatchedRef, cluster: str, scalers: Iterable[tuple[str, Place]]) -> Iterator[Fault]:
        """The autoscalers of the manifests that have the name of ours, and how each is moved out of them."""
        for kind, place in scalers:
            yield Fault("owned", cluster, kind, how_to_delete(self._inventory, place, self._keeping(ref, place.file)))

    def _keeping(self, ref: PatchedRef, path: str) -> set[str]:
        """The roots with a file that are not to join our Component of a workload."""
        found, own = self.of(ref), set()
        for cluster in self._target.clusters:
            here = reach(found, ref, cluster.name)
            own |= {one.root for one in (*here.joined, *here.missing)}
        ours = {root for folder in own for root in self._inventory.roots_of(folder)}
        return self._inventory.roots_of(path) - own - ours

    def lines(self, ref: PatchedRef, cluster: str) -> Iterator[Line | Undecided]:
        """What lets the builds of a workload for a cluster join our Component."""
        yield from self._lines(self.of(ref), ref, cluster)

    def _lines(self, found: tuple[Deployed, ...], ref: PatchedRef, cluster: str) -> Iterator[Line | Undecided]:
        yield from lines_to_join(self._builder, found, self._target, ref, cluster)
        plain = next(plain_files(self._inventory, ref), "")
        if plain and not any(one.has(ref) for one in found):
            yield for_plain_file(plain, ref, cluster)

    def checked(self, ref: PatchedRef, cluster: str, rendered: Mapping[str, Found]) -> Iterator[Checked]:
        """The builds that join our Component, with it."""
        for one in reach(self.of(ref), ref, cluster).joined:
            yield checked(self._inventory, one, ref, cluster, rendered)

    def _is_surely_deployed(self, one: Deployed) -> bool:
        """Whether something in the repository shows that a build is applied as it is."""
        joined = [join.component for join in one.build.joins] if isinstance(one.build, Build) else []
        is_wired = any(component.startswith(f"{RENDERED}/") for component in joined)
        return is_wired or one.delivery is not None or self._is_mapped(one.root)

    @cached_property
    def _delivered(self) -> tuple[Delivery, ...]:
        names = [cluster.name for cluster in self._target.clusters]
        files = self._inventory.files
        delivering = {path: files[path] for path in self._inventory.delivering()}
        return deliveries(delivery_objects(delivering), files, names)

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
