"""Kustomizations in memory and on disk, built by ours and by kubectl, and compared."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.tree import Json, Open, Unknown, is_same
from infra_scale.core.syntax.stream import read_stream
from infra_scale.model.position import Route
from infra_scale.model.source import Found, Source
from support.amounts import HANGS
from support.kustomize import KUBECTL, UNCOLLECTED

Texts = Mapping[str, str]
"""Files by path."""
Key = tuple[str, str, str]
"""Kind, namespace and name."""
FullKey = tuple[str, Key]
"""The apiVersion too: kustomize takes an HPA of v1 and one of v2 for two."""
_KUSTOMIZE = (KUBECTL, "kustomize", "--load-restrictor", "LoadRestrictionsNone")


def sources(files: Texts) -> dict[str, Found]:
    """Files as a builder reads them."""
    return {path: Source(path, text.encode(), len(text.encode())) for path, text in files.items()}


def build(files: Texts, folder: str = "app") -> Build | Refused:
    """What ours makes of a folder."""
    return Builder(sources(files)).build(folder)


def built(files: Texts, folder: str = "app") -> dict[Key, Json]:
    """The objects that ours builds, all known to be there."""
    found = build(files, folder)
    assert isinstance(found, Build), found
    return {key_of(one.doc): one.doc for one in found.resources}


def key_of(doc: Json) -> Key:
    """Kind, namespace and name of an object."""
    metadata = doc.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(doc.get("kind", "")), str(metadata.get("namespace", "")), str(metadata.get("name", ""))


def _full_key(doc: Json) -> FullKey:
    return str(doc.get("apiVersion", "")), key_of(doc)


def kubectl(root: Path, files: Texts, folder: str = "app") -> dict[FullKey, Json] | str:
    """What kubectl makes of the same files, written below `root`; or what it has against them."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [*_KUSTOMIZE, root / folder], capture_output=True, check=False, env=UNCOLLECTED, timeout=HANGS
    )
    if done.returncode:
        return done.stderr.decode()
    read = read_stream(Source("out", done.stdout, len(done.stdout)), is_typed=True)
    assert not read.fault, read.fault
    objects = [document for document in read.documents if isinstance(document, dict)]
    found = {_full_key(one): one for one in objects}
    assert len(found) == len(objects)
    return found


def differences(ours: object, theirs: object, route: Route = ()) -> Iterator[tuple[Route, object, object]]:
    """Where a value that ours claims to know is otherwise in theirs. Null is as good as absent."""
    if isinstance(ours, Unknown):
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in {**ours, **theirs}:
            if key in ours or not isinstance(ours, Open):
                yield from differences(ours.get(key), theirs.get(key), (*route, key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, (*route, index))
    elif not is_same(ours, theirs):
        yield route, ours, theirs


def wrong(ours: Build | Refused, theirs: dict[FullKey, Json] | str) -> list[object]:
    """What ours claims and kubectl does otherwise."""
    if isinstance(ours, Refused):
        return [] if isinstance(theirs, str) else [f"refused alone: {ours.what}"]
    if isinstance(theirs, str):
        return [] if ours.opens else [f"kubectl alone refuses: {theirs[-500:]}"]
    sure = {_full_key(one.doc): one.doc for one in ours.resources if not one.unsure}
    found: list[object] = [key for key in sure if key not in theirs]
    found += [] if ours.opens else [key for key in theirs if key not in sure]
    return found + [(key, *one) for key, doc in sure.items() if key in theirs for one in differences(doc, theirs[key])]
