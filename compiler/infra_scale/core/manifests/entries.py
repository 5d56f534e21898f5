"""Entries of a kustomization to what they do: its patches, read, and its transformers in the order of a build."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from infra_scale.core.manifests import transformers
from infra_scale.core.manifests.field_specs import Config, FieldSpec, Keys, field_of
from infra_scale.core.manifests.kustomization import Kustomization
from infra_scale.core.manifests.outcome import Place, Reason, Refusal, Unavailable
from infra_scale.core.manifests.patching import Patch, patched, read_patch
from infra_scale.core.manifests.reading import Files, documents_in, is_remote, objects_in, resolved
from infra_scale.core.manifests.replacements import replaced
from infra_scale.core.manifests.state import State
from infra_scale.core.manifests.targets import target_of
from infra_scale.core.manifests.tree import Json, member, text_at

Change = Callable[[State], State]
"""One step of a build. Raises Refusal, Unavailable."""
_LABELS: Keys = ("metadata", "labels")


def local(files: Files, kustomization: Kustomization, path: str) -> bytes:
    """A file that a kustomization names. Raises Refusal, Unavailable."""
    if is_remote(path) and not files.has(resolved(kustomization.folder, path)):
        message = f"{path} is remote"
        raise Unavailable(message)
    return files.content(resolved(kustomization.folder, path))


def steps_of(files: Files, kustomization: Kustomization, config: Config) -> Iterator[tuple[Place, Change]]:
    """What a kustomization does to objects, in order. Raises Refusal where a patch cannot be read."""
    patches = [*_strategic(files, kustomization), *_entries(files, kustomization, "patches")]
    late = list(_entries(files, kustomization, "patchesJson6902"))
    for patch in patches:
        yield patch.place, _patching(patch)
    yield from _on_all(kustomization, config)
    for patch in late:
        yield patch.place, _patching(patch)
    yield from _on_some(files, kustomization, config)


def _strategic(files: Files, kustomization: Kustomization) -> Iterator[Patch]:
    for index, text in enumerate(kustomization.texts("patchesStrategicMerge")):
        place = kustomization.place("patchesStrategicMerge", index)
        try:
            merges = objects_in(kustomization.path, text.encode())
        except (Refusal, Unavailable):
            yield _from_file(files, kustomization, text, Patch(place), is_merge=True)
        else:
            yield Patch(place._replace(inside=()), merges)


def _entries(files: Files, kustomization: Kustomization, field: str) -> Iterator[Patch]:
    for index, written in enumerate(kustomization.items(field)):
        place = kustomization.place(field, index)
        entry = written if isinstance(written, dict) else {}
        text, path = text_at(entry, "patch").strip(), text_at(entry, "path")
        is_late = field == "patchesJson6902"
        base = Patch(
            place,
            target=target_of(entry["target"]) if "target" in entry else None,
            may_rename=_is_true(entry, "allowNameChange"),
            may_change_kind=_is_true(entry, "allowKindChange"),
            is_late=is_late,
        )
        if bool(text) == bool(path) or (is_late and not (base.target and base.target.name)):
            message = f"{field}: must specify one of patch and path" + (", and a target with a name" if is_late else "")
            raise Refusal(message, place)
        if path:
            yield _from_file(files, kustomization, path, base, is_merge=False)
        else:
            yield _read(text, base, place._replace(route=(*place.route, "patch"), inside=()))


def _is_true(entry: Json, option: str) -> bool:
    return text_at(entry, "options", option).lower() in ("true", "yes", "on", "y")


def _from_file(files: Files, kustomization: Kustomization, path: str, base: Patch, *, is_merge: bool) -> Patch:
    try:
        content = local(files, kustomization, path)
    except Unavailable as error:
        return base._replace(unread=f"{error}, so a patch is not known")
    except Refusal as error:
        raise Refusal(str(error), base.place) from error
    place = Place(resolved(kustomization.folder, path))
    if is_merge:
        return base._replace(place=place, merges=objects_in(place.file, content))
    return _read(content.decode("utf-8", "replace"), base, place)


def _read(text: str, base: Patch, place: Place) -> Patch:
    try:
        found = read_patch(text, place)
    except Unavailable as error:
        return base._replace(unread=f"{error}, so a patch is not known")
    return base._replace(place=place, merges=found.merges, operations=found.operations)


def _patching(patch: Patch) -> Change:
    def change(state: State) -> State:
        result = patched(state.resources, patch)
        state = replace(state, resources=result.resources, notes=(*state.notes, *result.reasons))
        if patch.unread:
            return replace(state, opens=(*state.opens, Reason(patch.unread, patch.place)))
        for missing in result.missing:
            if not state.may_have(missing.kind):
                message = f"no matches for Id {missing}; failed to find unique target for patch"
                raise Refusal(message, patch.place)
        return state

    return change


def _on_all(kustomization: Kustomization, config: Config) -> Iterator[tuple[Place, Change]]:
    """Namespace, names, labels, annotations."""
    if namespace := kustomization.text("namespace"):
        place = kustomization.place("namespace")
        yield place, _changing(transformers.with_namespace, namespace, config.of("namespace"), place)
    for field in ("namePrefix", "nameSuffix"):
        if affix := kustomization.text(field):
            place = kustomization.place(field)
            yield place, affixing(affix, config.of(field), place, is_prefix=field == "namePrefix")
    for index, entry in enumerate(kustomization.items("labels")):
        place = kustomization.place("labels", index)
        pairs = {key: str(value) for key, value in _map(member(entry, "pairs")).items()}
        yield place, _changing(transformers.with_labels, pairs, _label_specs(entry, config), place)
    for field in ("commonLabels", "commonAnnotations"):
        place = kustomization.place(field)
        yield place, _changing(transformers.with_labels, kustomization.pairs(field), config.of(field), place)


def _map(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def affixing(affix: str, specs: tuple[FieldSpec, ...], place: Place, *, is_prefix: bool) -> Change:
    """A prefix or a suffix of all names."""

    def change(state: State) -> State:
        changed = transformers.with_affix(state.resources, affix, specs, place, is_prefix=is_prefix)
        return replace(state, resources=changed, renames=True)

    return change


def _changing(function: Callable[..., transformers.Resources], *arguments: object) -> Change:
    return lambda state: state.with_resources(function(state.resources, *arguments))


def _label_specs(entry: object, config: Config) -> tuple[FieldSpec, ...]:
    fields = member(entry, "fields")
    specs = [field_of(one) for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    more: list[FieldSpec] = [*config.of("labels")]
    if _is_set(entry, "includeSelectors"):
        more += config.of("commonLabels")
    else:
        more += config.of("templateLabels") if _is_set(entry, "includeTemplates") else ()
        more += config.of("volumeClaimTemplateLabels") if _is_set(entry, "includeVolumeClaimTemplates") else ()
        more.append(FieldSpec(_LABELS, create=True))
    for spec in more:
        if not any(one.covers(spec) for one in specs):
            specs.append(spec)
    return tuple(specs)


def _is_set(entry: object, field: str) -> bool:
    return text_at(entry, field).lower() in ("true", "yes", "on", "y")


def _on_some(files: Files, kustomization: Kustomization, config: Config) -> Iterator[tuple[Place, Change]]:
    """Replica counts, images, replacements."""
    for index, entry in enumerate(kustomization.items("replicas")):
        place = kustomization.place("replicas", index)
        yield place, counting(text_at(entry, "name"), text_at(entry, "count") or "0", config.of("replicas"), place)
    for field in ("images", "imageTags"):
        for index, entry in enumerate(kustomization.items(field)):
            place = kustomization.place(field, index)
            image = {key: str(value) for key, value in _map(entry).items()}
            yield place, _changing(transformers.with_image, image, place)
    for index, entry in enumerate(kustomization.items("replacements")):
        place = kustomization.place("replacements", index)
        for one in _replacements(files, kustomization, _map(entry)):
            yield place, _replacing(one, place)


def counting(name: str, count: str, specs: tuple[FieldSpec, ...], place: Place) -> Change:
    """The replicas of all objects of a name."""

    def change(state: State) -> State:
        resources, found = transformers.with_count(state.resources, name, count, specs, place)
        if not found and not state.opens:
            message = f"resource with name {name} does not match a config with the following GVK"
            raise Refusal(message, place)
        return state.with_resources(resources)

    return change


def _replacements(files: Files, kustomization: Kustomization, entry: Json) -> Iterator[Json]:
    path = text_at(entry, "path")
    if not path:
        yield entry
        return
    for document in documents_in(path, local(files, kustomization, path)):
        for one in document if isinstance(document, list) else [document]:
            yield _map(one)


def _replacing(entry: Json, place: Place) -> Change:
    return lambda state: state.with_resources(replaced(state.resources, entry, place, state.unseen))
