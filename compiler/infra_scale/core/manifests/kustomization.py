"""A kustomization file, read as strictly as kustomize reads it: known fields only, in any case, of the right type."""

from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.core.manifests.outcome import Place, Refusal
from infra_scale.core.manifests.tree import Json
from infra_scale.core.syntax.plain import Number, OldTruth, Truth, Typed
from infra_scale.model.position import Route

COMPONENT = "Component"
_VERSIONS = {"Kustomization": "v1beta1", COMPONENT: "v1alpha1"}

_TEXT, _FLAG, _WHOLE, _ANY = "a text", "true or false", "a whole number", "anything"
_TEXTS = [_TEXT]
_MAP = {"*": _TEXT}
_GVK = {"group": _TEXT, "version": _TEXT, "kind": _TEXT}
_ID = {**_GVK, "name": _TEXT, "namespace": _TEXT}
_SELECTOR = {**_ID, "labelSelector": _TEXT, "annotationSelector": _TEXT}
_FIELD = {**_GVK, "path": _TEXT, "create": _FLAG}
_PATCH = {
    "path": _TEXT,
    "patch": _TEXT,
    "target": _SELECTOR,
    "options": {"allowNameChange": _FLAG, "allowKindChange": _FLAG},
}
_OPTIONS = {"labels": _MAP, "annotations": _MAP, "disableNameSuffixHash": _FLAG, "immutable": _FLAG}
_GENERATED = {
    "namespace": _TEXT,
    "name": _TEXT,
    "behavior": _TEXT,
    "literals": _TEXTS,
    "files": _TEXTS,
    "envs": _TEXTS,
    "env": _TEXT,
    "options": _OPTIONS,
}
_IMAGE = dict.fromkeys(("name", "newName", "tagSuffix", "newTag", "digest"), _TEXT)
_FIELD_OPTIONS = {"delimiter": _TEXT, "index": _WHOLE, "encoding": _TEXT, "create": _FLAG}
_REPLACEMENT = {
    "path": _TEXT,
    "source": {**_ID, "fieldPath": _TEXT, "options": _FIELD_OPTIONS},
    "sourceValue": _TEXT,
    "targets": [{"select": _SELECTOR, "reject": [_SELECTOR], "fieldPaths": _TEXTS, "options": _FIELD_OPTIONS}],
}
_LABEL = {
    "pairs": _MAP,
    "includeSelectors": _FLAG,
    "includeTemplates": _FLAG,
    "includeVolumeClaimTemplates": _FLAG,
    "fields": [_FIELD],
}
_FIELDS: dict[str, object] = {
    "apiVersion": _TEXT,
    "kind": _TEXT,
    "metadata": _ANY,
    "openapi": _MAP,
    "namePrefix": _TEXT,
    "nameSuffix": _TEXT,
    "namespace": _TEXT,
    "commonLabels": _MAP,
    "labels": [_LABEL],
    "commonAnnotations": _MAP,
    "patchesStrategicMerge": _TEXTS,
    "patchesJson6902": [_PATCH],
    "patches": [_PATCH],
    "images": [_IMAGE],
    "imageTags": [_IMAGE],
    "replacements": [_REPLACEMENT],
    "replicas": [{"name": _TEXT, "count": _WHOLE}],
    "vars": [{"name": _TEXT, "objref": {**_ID, "apiVersion": _TEXT}, "fieldref": {"fieldPath": _TEXT}}],
    "sortOptions": _ANY,
    "resources": _TEXTS,
    "components": _TEXTS,
    "crds": _TEXTS,
    "bases": _TEXTS,
    "configMapGenerator": [_GENERATED],
    "secretGenerator": [{**_GENERATED, "type": _TEXT}],
    "helmGlobals": _ANY,
    "helmCharts": [_ANY],
    "helmChartInflationGenerator": [_ANY],
    "generatorOptions": _OPTIONS,
    "configurations": _TEXTS,
    "generators": _TEXTS,
    "transformers": _TEXTS,
    "validators": _TEXTS,
    "buildMetadata": _TEXTS,
}


class Kustomization(NamedTuple):
    """One file, checked: fields by their right names, without those that are null."""

    path: str
    fields: Json
    added: Mapping[str, tuple[int, Place]] = {}
    """Fields that Argo CD or Flux adds: how many items are from the file, and where the others are written."""

    @property
    def folder(self) -> str:
        """Where it is."""
        return self.path.rpartition("/")[0]

    @property
    def is_component(self) -> bool:
        """Whether it works on the objects of those that join it."""
        return self.fields.get("kind") == COMPONENT

    def text(self, field: str) -> str:
        """The text of a field; empty where it is not set."""
        value = self.fields.get(field)
        return value if isinstance(value, str) else ""

    def texts(self, field: str) -> tuple[str, ...]:
        """The items of a list of texts."""
        return tuple(str(item) for item in self.items(field))

    def items(self, field: str) -> list[object]:
        """The items of a list."""
        value = self.fields.get(field)
        return value if isinstance(value, list) else []

    def pairs(self, field: str) -> dict[str, str]:
        """The members of a map of texts."""
        value = self.fields.get(field)
        return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else {}

    def place(self, *route: str | int) -> Place:
        """A place in it, or in what changes it."""
        own, place = self.added.get(str(route[0]), (0, None)) if route else (0, None)
        index = route[1] if len(route) > 1 else None
        if place is None or (isinstance(index, int) and index < own):
            return Place(self.path, 0, route)
        inside = (route[0], index - own, *route[2:]) if isinstance(index, int) else route
        return place._replace(route=(*place.route, *inside))


def read_kustomization(path: str, documents: tuple[object, ...]) -> Kustomization:
    """The kustomization of a file with these documents. Raises Refusal, Unavailable."""
    written = documents[0] if documents else None
    if written is not None and not isinstance(written, dict):
        message = "invalid Kustomization: it is not a map"
        raise Refusal(message, Place(path))
    fields = _fitted(written or {}, _FIELDS, Place(path))
    read = Kustomization(path, fields if isinstance(fields, dict) else {})
    if not set(read.fields) - {"kind", "apiVersion"}:
        message = "kustomization.yaml is empty"
        raise Refusal(message, Place(path))
    kind = read.text("kind") or "Kustomization"
    version = f"kustomize.config.k8s.io/{_VERSIONS.get(kind)}"
    if kind not in _VERSIONS or read.text("apiVersion") not in ("", version):
        message = f"kind and apiVersion should be Kustomization or Component and {version}"
        raise Refusal(message, read.place("apiVersion"))
    return read


def _fitted(value: object, shape: object, place: Place) -> object:
    """A value of the wanted shape; None for null. Raises Refusal."""
    if value is None or shape is _ANY:
        return value
    if isinstance(shape, dict) and isinstance(value, dict):
        return _members(value, shape, place)
    if isinstance(shape, list) and isinstance(value, list):
        return [_fitted(item, shape[0], _below(place, index)) for index, item in enumerate(value)]
    if isinstance(shape, str) and isinstance(value, str) and _is_of(value, shape):
        return value
    message = f"invalid Kustomization: {_dotted(place.route)} must be {_wanted(shape)}"
    raise Refusal(message, place)


def _members(value: Json, shape: dict[str, object], place: Place) -> Json:
    fitted: Json = {}
    folded = {name.casefold(): name for name in shape}
    for key, item in value.items():
        name = key if "*" in shape else folded.get(key.casefold(), "")
        if not name:
            message = f'invalid Kustomization: unknown field "{_dotted((*place.route, key))}"'
            raise Refusal(message, _below(place, key))
        new = _fitted(item, shape.get(name, shape.get("*")), _below(place, key))
        if new is not None:
            fitted[name] = new
        elif "*" in shape:
            fitted[name] = ""
    return fitted


def _is_of(value: str, shape: str) -> bool:
    if shape == _TEXT:
        return not isinstance(value, (Typed, OldTruth))
    if shape == _FLAG:
        return isinstance(value, (Truth, OldTruth))
    return isinstance(value, Number) and value.removeprefix("-").isdecimal()


def _below(place: Place, step: str | int) -> Place:
    return place._replace(route=(*place.route, step))


def _dotted(route: Route) -> str:
    return ".".join(map(str, route))


def _wanted(shape: object) -> str:
    return shape if isinstance(shape, str) else "a list" if isinstance(shape, list) else "a map"
