"""Which folders are roots of builds, which of them build a workload, and which join a Component."""

import hashlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.outcome import Refusal, Refused, Unavailable
from infra_scale.core.manifests.reading import KUSTOMIZATION_NAMES, resolved
from infra_scale.core.manifests.state import Join
from infra_scale.model.source import Found, Source

Builds = Mapping[str, Build | Refused]
"""What folders build, by folder."""
_NAMING = ("resources", "bases", "components")


def roots(builder: Builder, paths: Iterable[str]) -> tuple[str, ...]:
    """The folders among some paths with a kustomization that no other one names, without Components."""
    folders = {path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] in KUSTOMIZATION_NAMES}
    named: set[str] = set()
    components: set[str] = set()
    for folder in folders:
        try:
            kustomization = builder.kustomization(folder)
        except (Refusal, Unavailable):
            continue
        if kustomization.is_component:
            components.add(folder)
        for field in _NAMING:
            named.update(_folders(folder, kustomization.texts(field)))
    return tuple(sorted(folders - named - components))


def _folders(folder: str, paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        try:
            yield resolved(folder, path)
        except Unavailable:
            continue


def implied(paths: Iterable[str], folder: str) -> dict[str, object]:
    """The kustomization that Flux makes for a folder without one: `overrides` for a build of it."""
    inside = f"{folder}/" if folder else ""
    relative = sorted(path.removeprefix(inside) for path in paths if path.startswith(inside))
    bases = {path.rpartition("/")[0] for path in relative if path.rpartition("/")[2] in KUSTOMIZATION_NAMES}
    outermost = {base for base in bases if not any(base.startswith(f"{other}/") for other in bases)}
    found = [
        path
        for path in relative
        if path.endswith((".yaml", ".yml")) and not any(path.startswith(f"{base}/") for base in outermost)
    ]
    return {"resources": [*found, *sorted(outermost)]}


def joining(builds: Builds, component: str) -> Iterator[tuple[str, Join]]:
    """The roots that join a Component, through whatever is between, with the point at which they do."""
    for root, build in builds.items():
        if isinstance(build, Build):
            yield from ((root, join) for join in build.joins if join.component == component)


def unknown(builds: Builds) -> Iterator[tuple[str, str]]:
    """The roots of which not all is known, and why: no answer about these builds is complete."""
    for root, build in builds.items():
        if isinstance(build, Refused):
            yield root, build.what
        elif build.opens:
            yield root, build.opens[0].what


def digest(files: Mapping[str, Found], reads: Iterable[str]) -> str:
    """A key for what is known of a build: it changes when a file that decides about it does, or appears."""
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(reads):
        file = files.get(path)
        content = file.content if isinstance(file, Source) else b"" if file is None else file.what.encode()
        mark = "absent" if file is None else type(file).__name__
        found.update(f"{path}\0{mark}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()


def components_line(kustomization: str, component: str) -> str:
    """How a kustomization file names the folder of a Component."""
    return posixpath.relpath(component, posixpath.dirname(kustomization) or ".")
