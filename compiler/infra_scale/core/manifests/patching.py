"""Patches of a kustomization: what an entry is, which objects it is for, and what it makes of them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from infra_scale.core.manifests.identity import Id, Resource, id_of
from infra_scale.core.manifests.json_patch import Operation, applied, read_operation
from infra_scale.core.manifests.outcome import Place, Reason, Refusal
from infra_scale.core.manifests.reading import Declaration, objects_in, operations_in
from infra_scale.core.manifests.strategic_merge import merged, with_identity
from infra_scale.core.manifests.targets import Target
from infra_scale.core.manifests.tree import ABSENT, blended, member, put, restyled, spread, with_member, without
from infra_scale.model.position import Route

Resources = tuple[Resource, ...]
_ANNOTATIONS = ("metadata", "annotations")


class Patch(NamedTuple):
    """One entry, read."""

    place: Place
    merges: tuple[Declaration, ...] = ()
    """Their places are in the text of the entry."""
    operations: tuple[Operation, ...] = ()
    target: Target | None = None
    may_rename: bool = False
    may_change_kind: bool = False
    is_late: bool = False
    """Of patchesJson6902: keeps no previous identity."""
    unread: str = ""
    """Why its text is not known; empty: it is."""


class Patched(NamedTuple):
    """What a patch made of the objects of a build."""

    resources: Resources
    reasons: tuple[Reason, ...] = ()
    """Why it is not known whether, or how, it applies to some of them."""
    missing: tuple[Id, ...] = ()
    """The identities that merges without target are for, where no object has them."""


def read_patch(text: str, place: Place) -> Patch:
    """The text of an entry. Raises Refusal, Unavailable."""
    file = place.file
    try:
        operations = operations_in(file, text)
    except Refusal:
        operations = None
    if operations is not None:
        return Patch(place, operations=tuple(map(read_operation, operations)))
    try:
        return Patch(place, objects_in(file, text.encode()))
    except Refusal as error:
        message = f"unable to parse SM or JSON patch: {error}"
        raise Refusal(message, place) from error


def patched(resources: Resources, patch: Patch) -> Patched:
    """The objects of a build after an entry. Raises Refusal."""
    if patch.unread:
        return _unread(resources, patch)
    if patch.operations:
        if patch.target is None:
            message = "must specify a target for JSON patch"
            raise Refusal(message, patch.place)
        return _selected(resources, patch, patch.target)
    if patch.target is None:
        return _merged(resources, patch)
    if len(patch.merges) > 1:
        message = "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field"
        raise Refusal(message, patch.place)
    return _selected(resources, patch, patch.target) if patch.merges else Patched(resources)


def _unread(resources: Resources, patch: Patch) -> Patched:
    """An entry of which only the target is known: what it takes may be anything afterwards."""
    changed = tuple(
        one if patch.target and patch.target.takes(one) is False else replace(one, unsure=patch.unread)
        for one in resources
    )
    return Patched(changed, (Reason(patch.unread, patch.place),))


def _merged(resources: Resources, patch: Patch) -> Patched:
    """Each document of an entry into the one object that has, or had, its identity."""
    missing: list[Id] = []
    for merge in patch.merges:
        wanted = id_of(merge.object)
        found = [index for index, one in enumerate(resources) if wanted in one.ids()]
        if len(found) > 1:
            message = f"multiple matches for Id {wanted}; failed to find unique target for patch"
            raise Refusal(message, patch.place)
        if not found:
            missing.append(wanted)
            continue
        new = _with_merge(resources[found[0]], merge, patch)
        resources = (*resources[: found[0]], *([new] if new else []), *resources[found[0] + 1 :])
    return Patched(resources, missing=tuple(missing))


def _with_merge(one: Resource, merge: Declaration, patch: Patch) -> Resource | None:
    """An object after a merge; None where it is deleted. Raises Refusal."""
    document, place = merge.object, patch.place
    if place.inside is None:
        place = place._replace(document=merge.place.document)
    if patch.target:
        document = {**document, "apiVersion": one.doc.get("apiVersion", document.get("apiVersion", ""))}
    try:
        doc = merged(one.doc, document)
    except Refusal as error:
        raise Refusal(str(error), place) from error
    if doc is None:
        return None
    if patch.may_rename or patch.may_change_kind:
        one = one.remembered()
    metadata = one.doc.get("metadata")
    name = doc if patch.may_rename else one.doc
    kind = doc if patch.may_change_kind else one.doc
    doc = with_identity(
        doc,
        str(member(member(name, "metadata"), "name")),
        _text(member(metadata, "namespace")),
        str(kind.get("kind", "")),
    )
    return one.changed(spread(one.doc, doc), place)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _selected(resources: Resources, patch: Patch, target: Target) -> Patched:
    """An entry into each object that its target takes."""
    result: list[Resource] = []
    reasons: list[Reason] = []
    for one in resources:
        takes = target.takes(one)
        if takes is False:
            result.append(one)
        elif takes:
            result += _applied(one, patch)
        else:
            what = f"it is not known whether a patch is for {one.id.kind}/{one.id.name}"
            reasons.append(Reason(what, patch.place))
            result.append(_perhaps(one, patch, what))
    if not patch.operations and patch.target:
        _check_unique(result, patch.place)
    return Patched(tuple(result), tuple(reasons))


def _check_unique(resources: Iterable[Resource], place: Place) -> None:
    seen = set()
    for one in resources:
        if one.id in seen:
            message = f"may not add resource with an already registered id: {one.id}"
            raise Refusal(message, place)
        seen.add(one.id)


def _applied(one: Resource, patch: Patch) -> list[Resource]:
    if patch.merges:
        new = _with_merge(one, patch.merges[0], patch)
        return [new] if new else []
    return [_with_operations(one, patch)]


def _perhaps(one: Resource, patch: Patch, reason: str) -> Resource:
    """An object where it is not known whether a patch is for it: what the patch would change is not known."""
    try:
        found = _applied(one, patch)
    except Refusal:
        return one
    if not found or found[0].id != one.id:
        return replace(one, unsure=reason)
    doc = blended(one.doc, found[0].doc, reason)
    return one.changed(doc, patch.place) if isinstance(doc, dict) else one


def _with_operations(one: Resource, patch: Patch) -> Resource:
    """An object after a JSON patch. Previous identities are annotations in kustomize, so those exist meanwhile."""
    one = one if patch.is_late else one.remembered()
    restored = restyled(one.doc)
    doc = restored if isinstance(restored, dict) else one.doc
    if one.previous and member(member(doc, "metadata"), "annotations") in (ABSENT, None):
        doc = put(doc, _ANNOTATIONS, {})
    for index, operation in enumerate(patch.operations):
        place = _below(patch.place, (index,))
        try:
            doc = applied(doc, operation)
        except Refusal as error:
            message = f"{error} ({one.id.kind}/{one.id.name})"
            raise Refusal(message, place) from error
        one = one.changed(doc, place)
    metadata = member(doc, "metadata")
    if isinstance(metadata, dict) and metadata.get("annotations", True) in ({}, None):
        one = replace(one, doc=with_member(doc, "metadata", without(metadata, "annotations")))
    return one


def _below(place: Place, route: Route) -> Place:
    if place.inside is not None:
        return place._replace(inside=(*place.inside, *route))
    return place._replace(route=(*place.route, *route))
