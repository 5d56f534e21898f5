"""The workloads that the manifests of a repository build, and the folders with these manifests."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.membership import companions
from infra_scale.core.manifests.overlays import implied
from infra_scale.core.manifests.reach import deployed
from infra_scale.core.manifests.reading import KUSTOMIZATION_NAMES
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.names import SUFFIXES
from infra_scale.model.source import Found, Source
from infra_scale.model.target import Target
from infra_scale.model.workload import SCALABLE

_SKIPPED = frozenset({"requests", "ops", "schemas", "node_modules", "vendor", "testdata", "tests", "test", "docs"})
_KINDS = (b"Deployment", b"StatefulSet", b"HelmRelease", b"Application", b"kustomize.toolkit.fluxcd.io")


class Discovered(NamedTuple):
    """A workload that a build of the repository has."""

    kind: str
    namespace: str
    name: str
    root: str
    """The folder that is built."""
    manifests: Source
    """The workload and its autoscaler, as they are built."""

    @property
    def title(self) -> str:
        """Kind/name, unique within a namespace."""
        return f"{self.kind}/{self.name}"


def may_be_manifest(path: str) -> bool:
    """Whether a path can be that of a manifest outside of our folders."""
    top = path.split("/", maxsplit=1)[0]
    return path.endswith(SUFFIXES) and "/" in path and not top.startswith(".") and top not in _SKIPPED


def manifest_folders(files: Iterable[Found]) -> tuple[str, ...]:
    """The top folders with kustomizations or workloads."""
    return tuple(sorted({file.path.split("/")[0] for file in files if _is_manifest(file)}))


def _is_manifest(file: Found) -> bool:
    if not isinstance(file, Source):
        return False
    is_kustomization = file.path.rpartition("/")[2] in KUSTOMIZATION_NAMES
    return is_kustomization or (b"kind:" in file.content and any(kind in file.content for kind in _KINDS))


def discovered(files: Mapping[str, Found], folders: tuple[str, ...]) -> tuple[Discovered, ...]:
    """Each workload once, those of production first."""
    builder = Builder(files)
    found: dict[tuple[str, str, str], Discovered] = {}
    builds = [
        (one.root, one.build, one.delivery.namespace if one.delivery else "")
        for one in deployed(builder, files, Target("prod", (), folders))
    ]
    # Without a kustomization, all manifests of a folder are applied as they are.
    built = {root.split("/")[0] for root, *_ in builds}
    builds += [(top, builder.build(top, implied(files, top)), "") for top in folders if top not in built]
    for root, build, namespace in sorted(builds, key=lambda one: ("prod" not in one[0], one[0])):
        if isinstance(build, Build):
            for one in _workloads(root, build, namespace):
                found.setdefault((one.kind, one.namespace, one.name), one)
    return tuple(found.values())


def _workloads(root: str, build: Build, into: str) -> Iterator[Discovered]:
    for one in build.resources:
        if one.id.kind not in SCALABLE or one.unsure:
            continue
        namespace = text_at(one.doc, "metadata", "namespace") or into or "default"
        try:
            content = _manifests([one, *companions(build, one).hpas], namespace)
        except (TypeError, ValueError):  # parts that are not known
            continue
        yield Discovered(one.id.kind, namespace, one.id.name, root, Source(root, content, len(content)))


def _manifests(resources: Iterable[Resource], namespace: str) -> bytes:
    """JSON, which is YAML. Raises TypeError for values that are not known."""
    objects = []
    for one in resources:
        doc = json.loads(json.dumps(one.doc))
        doc["metadata"]["namespace"] = namespace
        objects.append(doc)
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()
