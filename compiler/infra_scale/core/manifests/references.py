"""Names in objects that follow the objects that they name: kustomize resolves them once, at the root of a build."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.core.manifests.field_specs import FieldSpec, NameReference, written
from infra_scale.core.manifests.identity import NO_NAMESPACE, Resource
from infra_scale.core.manifests.outcome import Refusal
from infra_scale.core.manifests.tree import ABSENT, Unknown, member, text_at, with_member

Resources = tuple[Resource, ...]


def resolved_names(resources: Resources, references: Iterable[NameReference], unseen: str) -> Resources:
    """All objects with the present names in fields that name others.

    Raises Refusal for an ambiguous one, and for a field that is not where it should be, also if nothing is renamed.

    `unseen` is why there may be objects that are not known here, and renamed with the others; empty: there are none.
    """
    by_name: dict[str, list[Resource]] = {}
    for one in resources:
        for name in dict.fromkeys(former.name for former in one.previous):
            by_name.setdefault(name, []).append(one)
    by_kind: dict[str, list[tuple[NameReference, FieldSpec]]] = {}
    for reference in references:
        for spec in reference.referrers:
            by_kind.setdefault(spec.kind, []).append((reference, spec))
    return tuple(_followed(one, by_kind, by_name, unseen) for one in resources)


def _followed(
    one: Resource,
    by_kind: dict[str, list[tuple[NameReference, FieldSpec]]],
    by_name: dict[str, list[Resource]],
    unseen: str,
) -> Resource:
    original = one.original
    for reference, spec in (*by_kind.get(original.kind, ()), *by_kind.get("", ())):
        if spec.selects(original):
            name = _Name(one, reference, by_name, unseen)
            doc = written(one.doc, spec.path, name.changed, create=False)
            if isinstance(doc, dict):
                one = one.changed(doc, one.place)
    return one


class _Name(NamedTuple):
    """A field of an object that names another."""

    referrer: Resource
    reference: NameReference
    by_name: dict[str, list[Resource]]
    unseen: str

    def changed(self, value: object) -> object:
        """The value with the present name of what it names."""
        if isinstance(value, str):
            found = self._selected(value, self.by_name.get(value, []))
            if self.unseen and not (found and _is_alike(self.referrer, found, allow_empty=False)):
                return Unknown(self.unseen)
            return value if found is None or found.id.name == value else found.id.name
        if isinstance(value, list):
            return [self.changed(item) for item in value]
        return self._in_map(value) if isinstance(value, dict) else value

    def _in_map(self, value: object) -> object:
        name, namespace = text_at(value, "name"), member(value, "namespace")
        if not name and member(value, "name") is ABSENT:
            message = f"path config error; no 'name' field in node, in {self.referrer.id}"
            raise Refusal(message, self.referrer.place)
        candidates = self.by_name.get(name, [])
        if isinstance(namespace, str):
            within = [one for one in candidates if one.original.namespace == namespace]
            candidates = within or [one for one in candidates if one.id.namespace == namespace]
        found = self._selected(name, candidates)
        if found is None:
            return value
        new = with_member(value, "name", found.id.name)
        present = text_at(found.doc, "metadata", "namespace")
        return with_member(new, "namespace", present) if present else new

    def _selected(self, name: str, candidates: list[Resource]) -> Resource | None:
        wanted = FieldSpec((), self.reference.kind, self.reference.group, self.reference.version)
        mine = self.referrer
        found = [
            one
            for one in candidates
            if any(wanted.selects(former) for former in one.former())
            and (NO_NAMESPACE in (one.id.namespace, mine.id.namespace) or one.id.namespace == mine.id.namespace)
        ]
        if len(found) == 1:
            return found[0]
        found = [one for one in found if _is_alike(mine, one, allow_empty=True)]
        if len(found) > 1:
            found = [one for one in found if _is_alike(mine, one, allow_empty=False)]
        if len({one.id.name for one in found}) > 1:
            message = f"found multiple possible referrals: {name} in {mine.id}"
            raise Refusal(message, mine.place)
        return found[0] if found else None


def _is_alike(one: Resource, other: Resource, *, allow_empty: bool) -> bool:
    return all(
        _has_same_end(ours, theirs) or (allow_empty and not (ours and theirs))
        for ours, theirs in ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    )


def _has_same_end(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    short = min(len(one), len(other))
    if not short:
        return len(one) == len(other)
    return one[-short:] == other[-short:]
