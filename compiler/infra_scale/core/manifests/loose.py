"""Workloads in files that no kustomization names, as kubectl applies them."""

from collections.abc import Iterable, Iterator
from itertools import islice

from infra_scale.core.manifests.bases import base_of, with_companions
from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.candidates import Candidate, autoscalers
from infra_scale.core.manifests.identity import Resource, declared
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.membership import companions, workloads
from infra_scale.core.manifests.outcome import Refusal, Unavailable
from infra_scale.core.manifests.reading import objects_of
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.source import Source
from infra_scale.model.workload import PatchedRef, WorkloadRef

_SEVERAL = 8
"""Workloads of one name and one file: more are as ambiguous as these."""


def loose_candidates(inventory: Inventory, paths: Iterable[str], ref: WorkloadRef) -> Iterator[Candidate]:
    """The workload in files that no kustomization names; with it belongs what is in the same folder."""
    for path in paths:
        if not inventory.is_loose(path):
            continue
        folder = path.rpartition("/")[0]
        beside = [one for other in _siblings(inventory, folder) for one in loose_objects(inventory, other)]
        build = Build(tuple(beside))
        mine = [one for one in workloads(build, ref.kind, ref.name, ref.namespace) if one.place.file == path]
        # Aliases in a list make one document of many items.
        for one in islice({id(one.doc): one for one in mine}.values(), _SEVERAL):
            base = base_of(one, one, (one.id.name, text_at(one.doc, "metadata", "namespace")))
            base = with_companions(base, companions(build, one))
            scalers = tuple(autoscalers(build, one, ref))
            base = base._replace(autoscalers=frozenset(kind for kind, _ in scalers))
            yield Candidate("", base, is_joined=False, scalers=scalers)


def plain_files(inventory: Inventory, ref: PatchedRef) -> Iterator[str]:
    """The files with a workload that no kustomization names."""
    for path in inventory.declaring(ref.kind, ref.name):
        if inventory.is_loose(path):
            build = Build(loose_objects(inventory, path))
            if workloads(build, ref.kind, ref.name, ref.object_namespace):
                yield path


def _siblings(inventory: Inventory, folder: str) -> Iterator[str]:
    for path in inventory.files:
        if path.rpartition("/")[0] == folder and inventory.is_loose(path):
            yield path


def loose_objects(inventory: Inventory, path: str) -> tuple[Resource, ...]:
    """The objects of a file that no kustomization names, as kubectl applies them."""
    found, stream = inventory.files.get(path), inventory.read.stream(path)
    if not isinstance(found, Source) or stream is None or stream.fault:
        return ()
    objects: list[Resource] = []
    for index, document in enumerate(stream.documents):
        try:
            one = objects_of(path, found.content, (document,))
        except (Refusal, Unavailable):
            continue
        objects += (declared(each.object, each.place._replace(document=index)) for each in one)
    return tuple(objects)
