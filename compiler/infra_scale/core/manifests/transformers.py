"""What a kustomization does to all objects: namespace, names, labels, annotations, replica counts, images.

Each function takes the objects of a build and returns them changed. Raises Refusal.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from infra_scale.core.manifests.field_specs import FieldSpec, written
from infra_scale.core.manifests.identity import DEFAULT, NO_NAMESPACE, Id, Resource
from infra_scale.core.manifests.outcome import Place, Refusal
from infra_scale.core.manifests.patterns import is_match
from infra_scale.core.manifests.tree import Json, Open, Shared, Unknown, member, over, put, spread, text_at, with_member
from infra_scale.core.syntax.plain import Number

Resources = tuple[Resource, ...]
Specs = Iterable[FieldSpec]
_NAME = ("metadata", "name")


def with_namespace(resources: Resources, namespace: str, specs: Specs, place: Place) -> Resources:
    """All objects but the cluster-scoped in one namespace; every v1 Namespace gets that name."""
    counts = Counter(one.id for one in resources)
    changed: list[Resource] = []
    for one in resources:
        new = one.remembered().changed(_in_namespace(one, namespace, specs), place)
        counts[one.id] -= 1
        counts[new.id] += 1
        if counts[new.id] > 1:
            message = f"namespace transformation produces ID conflict: {new.id}"
            raise Refusal(message, place)
        changed.append(new)
    return tuple(changed)


def _in_namespace(one: Resource, namespace: str, specs: Specs) -> Json:
    doc = one.doc
    if one.id.namespace != NO_NAMESPACE:
        doc = put(doc, ("metadata", "namespace"), namespace)
    if one.id.kind in ("RoleBinding", "ClusterRoleBinding"):
        subjects = member(doc, "subjects")
        if isinstance(subjects, list):
            new = [
                with_member(item, "namespace", namespace) if member(item, "name") == DEFAULT else item
                for item in subjects
            ]
            doc = with_member(doc, "subjects", new)
    is_core = text_at(doc, "apiVersion") == "v1"
    skipped = (("metadata", "namespace"), ("subjects", "namespace"), *(() if is_core else (_NAME,)))
    kept = (spec for spec in specs if spec.path not in skipped)
    return _filled(doc, one.id, kept, lambda _: namespace)


def _filled(doc: Json, one: Id, specs: Specs, setter: Callable[[object], object], empty: object = None) -> Json:
    for spec in specs:
        if spec.selects(one):
            new = written(doc, spec.path, setter, create=spec.create, empty=empty)
            doc = new if isinstance(new, dict) else doc
    return doc


def with_affix(resources: Resources, affix: str, specs: Specs, place: Place, *, is_prefix: bool) -> Resources:
    """All names with a prefix or a suffix, but those of definitions, API services and namespaces."""
    return tuple(_affixed(one, affix, specs, place, is_prefix=is_prefix) for one in resources)


def _affixed(one: Resource, affix: str, specs: Specs, place: Place, *, is_prefix: bool) -> Resource:
    original = one.original
    if original.kind in ("CustomResourceDefinition", "Namespace") or (
        original.kind == "APIService" and original.group == "apiregistration.k8s.io"
    ):
        return one

    def setter(value: object) -> object:
        if not isinstance(value, str):
            return value
        return affix + value if is_prefix else value + affix

    for spec in specs:
        if not spec.selects(original):
            continue
        if spec.path == _NAME:
            one = one.remembered()
            prefixes = (*one.prefixes, affix) if is_prefix else one.prefixes
            suffixes = one.suffixes if is_prefix else (*one.suffixes, affix)
            one = replace(one, prefixes=prefixes, suffixes=suffixes)
        one = one.changed(_filled(one.doc, one.id, [spec], setter), place)
    return one


def with_labels(resources: Resources, pairs: Mapping[str, str], specs: Specs, place: Place) -> Resources:
    """Labels or annotations in all fields that are named."""
    if not pairs:
        return resources
    specs = tuple(specs)
    return tuple(_labelled(one, pairs, specs, place) for one in resources)


def _labelled(one: Resource, pairs: Mapping[str, str], specs: tuple[FieldSpec, ...], place: Place) -> Resource:
    shared = {key: Shared(value) for key, value in pairs.items()}
    doc = _filled(one.doc, one.id, specs, _setter(shared), {})
    return one.changed(spread(one.doc, doc), place)


def _setter(pairs: Mapping[str, str]) -> Callable[[object], object]:
    def setter(value: object) -> object:
        if isinstance(value, Unknown):
            return Open(pairs, value.reason)
        if isinstance(value, Open):
            return Open({**value, **pairs}, value.reason)
        if not isinstance(value, dict):
            message = "wrong node kind: labels and annotations are maps"
            raise Refusal(message)
        return {**value, **{key: str(text) if key in value else text for key, text in pairs.items()}}

    return setter


def with_count(resources: Resources, name: str, count: str, specs: Specs, place: Place) -> tuple[Resources, bool]:
    """The replicas of all that are, or were, of a name; and whether there was any."""
    specs = tuple(specs)
    found = False
    changed = []

    def setter(old: object) -> object:
        if isinstance(old, (dict, list)):
            message = f"wrong node kind: replicas of {name} are a map or a list"
            raise Refusal(message)
        return over(old, Number(count))

    for one in resources:
        meant = [spec for spec in specs if any(former.name == name and spec.selects(former) for former in one.ids())]
        found = found or bool(meant)
        doc = _filled(one.doc, one.id, meant, setter)
        changed.append(one.changed(doc, place))
    return tuple(changed), found


_CONTAINERS = ("containers", "initContainers")


def with_image(resources: Resources, image: Mapping[str, str], place: Place) -> Resources:
    """The images of containers wherever an object has a list of them. Raises Unavailable for a pattern."""
    return tuple(one.changed(_retagged(one.doc, image), place) for one in resources)


def _retagged(doc: Json, image: Mapping[str, str]) -> Json:
    new = _images(doc, image) if text_at(doc, "kind") != "CustomResourceDefinition" else doc
    return new if isinstance(new, dict) else doc


def _images(value: object, image: Mapping[str, str]) -> object:
    if isinstance(value, list):
        items = [_images(item, image) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if not isinstance(value, dict):
        return value
    for key, item in value.items():
        if key in _CONTAINERS and isinstance(item, list):
            new: object = [_with_image(one, image) for one in item]
            new = item if all(map(_is, item, new if isinstance(new, list) else [])) else new
        else:
            new = _images(item, image) if isinstance(item, (dict, list)) else item
        if new is not item:
            value = with_member(value, key, new)
    return value


def _is(one: object, other: object) -> bool:
    return one is other


def _with_image(container: object, image: Mapping[str, str]) -> object:
    old = member(container, "image")
    if not isinstance(old, str):
        return container
    new = renamed(old, image)
    return container if new == old else with_member(container, "image", new)


def renamed(old: str, image: Mapping[str, str]) -> str:
    """An image reference with an entry of `images` applied."""
    name, tag, digest = _split(old)
    if not is_match(image.get("name", ""), name) or not image.get("name"):
        return old
    name = image.get("newName") or name
    if image.get("newTag") or image.get("digest"):
        tag = f":{image['newTag']}" if image.get("newTag") else ""
        digest = f"@{image['digest']}" if image.get("digest") else ""
        if digest and not image.get("newTag"):
            tag = ""
    elif image.get("tagSuffix"):
        tag = f"{tag}{image['tagSuffix']}" if tag else tag
    return f"{name}{tag}{digest}"


def _split(image: str) -> tuple[str, str, str]:
    """Name, `:tag`, `@digest` of an image reference."""
    rest, at, digest = image.partition("@")
    host, slash, last = rest.rpartition("/")
    name, colon, tag = last.partition(":")
    return f"{host}{slash}{name}", f"{colon}{tag}", f"{at}{digest}"
