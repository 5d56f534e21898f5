"""Which objects a patch or a replacement is for."""

from typing import NamedTuple

from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.outcome import Unavailable
from infra_scale.core.manifests.patterns import is_match, is_selected
from infra_scale.core.manifests.tree import Json, Open, Unknown, member, text_at
from infra_scale.model.tagged import tagged


@tagged
class Target(NamedTuple):
    """A selector of objects; empty parts take any."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    labels: str = ""
    annotations: str = ""

    def takes(self, one: Resource) -> bool | None:
        """Whether it takes an object; None where that is not known."""
        found = [_known(check, self, one) for check in (_takes_kind, _takes_names, _takes_labels)]
        if False in found:
            return False
        return None if None in found else True

    def takes_id(self, one: Id) -> bool:
        """Whether it takes an identity, all of it. Raises Unavailable."""
        return _is_kind(self, one) and is_match(self.name, one.name) and is_match(self.namespace, one.namespace)

    @property
    def is_empty(self) -> bool:
        """Whether it names no part of an identity."""
        return not any(self[:5])


def target_of(written: object) -> Target:
    """A target as a kustomization has it."""
    if not isinstance(written, dict):
        return Target()
    names = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
    return Target(*(text_at(written, name) for name in names))


def _known(check: object, target: Target, one: Resource) -> bool | None:
    try:
        return bool(check(target, one)) if callable(check) else None
    except Unavailable:
        return None


def _takes_kind(target: Target, one: Resource) -> bool:
    return _is_kind(target, one.id)


def _is_kind(target: Target, one: Id) -> bool:
    return (
        is_match(target.kind, one.kind) and is_match(target.group, one.group) and is_match(target.version, one.version)
    )


def _takes_names(target: Target, one: Resource) -> bool:
    """By the original or the present name, and the original or the present namespace."""
    original = one.original
    return (is_match(target.namespace, original.namespace) or is_match(target.namespace, one.id.namespace)) and (
        is_match(target.name, original.name) or is_match(target.name, one.id.name)
    )


def _takes_labels(target: Target, one: Resource) -> bool:
    return has_labels(target, one.doc)


def has_labels(target: Target, doc: Json) -> bool:
    """Whether an object has the labels and annotations that a target wants. Raises Unavailable."""
    for selector, key in ((target.labels, "labels"), (target.annotations, "annotations")):
        if not selector:
            continue
        found = member(member(doc, "metadata"), key)
        if isinstance(found, (Open, Unknown)):
            message = f"{key} that are not known"
            raise Unavailable(message)
        if not is_selected(selector, found if isinstance(found, dict) else {}):
            return False
    return True
