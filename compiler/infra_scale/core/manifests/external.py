"""`transformers` of a kustomization: those that kustomize brings itself are followed, others are not known."""

from collections.abc import Iterator

from infra_scale.core.manifests import transformers
from infra_scale.core.manifests.entries import Change, affixing, counting, local
from infra_scale.core.manifests.field_specs import Config, FieldSpec, field_of
from infra_scale.core.manifests.kustomization import Kustomization
from infra_scale.core.manifests.outcome import Place, Refusal, Unavailable
from infra_scale.core.manifests.reading import Declaration, Files, objects_in
from infra_scale.core.manifests.state import State
from infra_scale.core.manifests.tree import Json, member, text_at

_LABELS, _ANNOTATIONS = "LabelTransformer", "AnnotationsTransformer"


def external_steps(files: Files, kustomization: Kustomization, config: Config) -> Iterator[tuple[Place, Change]]:
    """What the transformers of a kustomization do, in order."""
    for index, text in enumerate(kustomization.texts("transformers")):
        place = kustomization.place("transformers", index)
        try:
            objects = _objects(files, kustomization, text)
        except Unavailable as error:
            yield place, _shaking(str(error), place)
            continue
        for one in objects:
            yield place, _step(one.object, config, place)


def _objects(files: Files, kustomization: Kustomization, text: str) -> tuple[Declaration, ...]:
    try:
        return objects_in(kustomization.path, text.encode())
    except Refusal:
        try:
            return objects_in(text, local(files, kustomization, text))
        except Refusal as error:
            message = f"transformer {text} is not a file of objects"
            raise Unavailable(message) from error


def _shaking(reason: str, place: Place) -> Change:
    return lambda state: state.shaken(reason, place)


def _step(one: Json, config: Config, place: Place) -> Change:
    kind = text_at(one, "kind")
    specs = _specs(one)
    if text_at(one, "apiVersion") != "builtin":
        return _shaking(f"transformer {kind} is not run", place)
    if kind == "NamespaceTransformer" and member(one, "unsetOnly") != "true":
        namespace = text_at(one, "metadata", "namespace")
        return lambda state: state.with_resources(
            transformers.with_namespace(state.resources, namespace, specs, place) if namespace else state.resources
        )
    if kind in ("PrefixTransformer", "SuffixTransformer"):
        is_prefix = kind == "PrefixTransformer"
        return affixing(text_at(one, "prefix" if is_prefix else "suffix"), specs, place, is_prefix=is_prefix)
    if kind in (_LABELS, _ANNOTATIONS):
        pairs = member(one, "labels" if kind == _LABELS else "annotations")
        return _labelling(pairs, specs, place)
    if kind == "ReplicaCountTransformer":
        name, count = text_at(one, "replica", "name"), text_at(one, "replica", "count") or "0"
        return counting(name, count, specs or config.of("replicas"), place)
    return _shaking(f"transformer {kind} is not followed", place)


def _specs(one: Json) -> tuple[FieldSpec, ...]:
    written = member(one, "fieldSpecs")
    return tuple(field_of(spec) for spec in written if isinstance(spec, dict)) if isinstance(written, list) else ()


def _labelling(pairs: object, specs: tuple[FieldSpec, ...], place: Place) -> Change:
    texts = {key: str(value) for key, value in pairs.items()} if isinstance(pairs, dict) else {}

    def change(state: State) -> State:
        return state.with_resources(transformers.with_labels(state.resources, texts, specs, place))

    return change
