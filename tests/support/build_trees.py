"""Random repositories of kustomizations, drawn so that most of their patches name something that is there.

A tree is drawn from the bottom up. After each step our builder is asked which objects there are by now: drawn blindly,
more than half of the trees would be refused.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import yaml

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.identity import NO_NAMESPACE, Id, Resource
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.tree import ABSENT, at
from support.builds import sources

Json = dict[str, Any]
_NAMES = ("web", "api", "job-1", "cache")
_NAMESPACES = ("", "", "default", "one", "two")
_CONTAINER_NAMES = ("a", "b", "c", "sidecar")
_NUMBERS = (0, 1, 2, 3, 7)
_WORKLOADS = (("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("argoproj.io/v1alpha1", "Rollout"))
_ANCHORS = "x-anchored: &a {k: v, n: 010}\nx-alias: {<<: *a, z: *a}\n"
_COMPONENT = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}


class _Tree:
    """A repository that is being drawn."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 (draws trees, no secrets)
        self.files: dict[str, str] = {}
        self.folders: list[str] = []
        self._builds: dict[tuple[str, frozenset[tuple[str, str]]], Build | Refused] = {}

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def write(self, folder: str, kustomization: Json) -> None:
        self.files[f"{folder}/kustomization.yaml"] = _text(_plain(kustomization), sort_keys=False)

    def resources(self, folder: str) -> tuple[Resource, ...]:
        found = self._build(folder)
        return found.resources if isinstance(found, Build) else ()

    def is_built(self, folder: str) -> bool:
        return isinstance(self._build(folder), Build)

    def _build(self, folder: str) -> Build | Refused:
        """The same files are often asked about twice: after a feature, and before the next one."""
        key = folder, frozenset(self.files.items())
        if key not in self._builds:
            self._builds[key] = Builder(sources(self.files)).build(folder)
        return self._builds[key]


def _text(value: object, *, sort_keys: bool = True, default_flow_style: bool = False) -> str:
    """What `yaml.safe_dump` writes, in a fifth of the time."""
    text: str = yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=sort_keys, default_flow_style=default_flow_style)
    return text


def tree(seed: int) -> tuple[dict[str, str], str]:
    """A repository and the folder to build."""
    drawn = _Tree(seed)
    for index in range(drawn.random.randint(1, 2)):
        _base(drawn, f"base{index}")
    for level in range(drawn.random.randint(1, 3)):
        _overlay(drawn, f"level{level}", level)
    return drawn.files, drawn.folders[-1]


def _base(drawn: _Tree, folder: str) -> None:
    names = []
    for index in range(drawn.random.randint(1, 3)):
        name, text = _file(drawn, [_object(drawn) for _ in range(drawn.random.randint(1, 2))])
        drawn.files[f"{folder}/{index}{name}"] = text
        names.append(f"{index}{name}")
        drawn.write(folder, {"resources": names})
        if not drawn.is_built(folder) and drawn.chance(97):
            names.pop()
    drawn.write(folder, {"resources": names})
    drawn.folders.append(folder)


def _file(drawn: _Tree, objects: list[Json]) -> tuple[str, str]:
    """Objects in one of the ways in which people write them."""
    if drawn.chance(15):
        return ".json", json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    if drawn.chance(10):
        return ".yaml", _text({"apiVersion": "v1", "kind": "List", "items": objects})
    texts = [_text(one, sort_keys=False, default_flow_style=drawn.chance(10)) for one in objects]
    texts = [text.replace("replicas: 3", "replicas: 0x3") if drawn.chance(20) else text for text in texts]
    if drawn.chance(10):
        texts = [text if text.startswith("{") else f"{text}{_ANCHORS}" for text in texts]
    return ".yaml", "--- # generated\n".join(texts)


def _object(drawn: _Tree) -> Json:
    random = drawn.random
    metadata: Json = {"name": random.choice(_NAMES)}
    if namespace := random.choice(_NAMESPACES):
        metadata["namespace"] = namespace
    if drawn.chance(40):
        metadata["labels"] = {"app": metadata["name"], "tier": random.choice(("x", "y"))}
    if drawn.chance(20):
        metadata["annotations"] = random.choice(({}, {"note": "yes"}))
    kind = random.choices(
        ("workload", "hpa", "pdb", "scaled", "service", "namespace", "config"), (8, 3, 2, 1, 1, 0.5, 1)
    )[0]
    return _OBJECTS[kind](drawn, metadata)


def _workload(drawn: _Tree, metadata: Json) -> Json:
    version, kind = drawn.random.choice(_WORKLOADS)
    names = drawn.random.sample(_CONTAINER_NAMES, drawn.random.randint(1, 3))
    pod: Json = {"containers": [_container(drawn, name) for name in names]}
    if drawn.chance(20):
        pod["tolerations"] = [{"key": "k", "operator": "Exists"}]
    if drawn.chance(20):
        pod["volumes"] = [{"name": "v", "emptyDir": {}}, {"name": "w", "configMap": {"name": "web"}}]
    labels = {"app": metadata["name"]}
    spec: Json = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    if drawn.chance(70):
        spec["replicas"] = drawn.random.choice(_NUMBERS)
    if kind == "StatefulSet":
        spec["serviceName"] = metadata["name"]
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _container(drawn: _Tree, name: str) -> Json:
    container: Json = {"name": name, "image": f"{name}:1"}
    if drawn.chance(60):
        amounts = drawn.random.choice(({"cpu": "100m"}, {"cpu": 1, "memory": "1Gi"}, {"memory": "64Mi"}))
        container["resources"] = {drawn.random.choice(("requests", "limits")): amounts}
    if drawn.chance(40):
        container["env"] = [{"name": key, "value": str(index)} for index, key in enumerate("XYZ")]
    if drawn.chance(30):
        container["ports"] = [{"containerPort": 80, "name": "http"}, {"containerPort": 443}]
    if drawn.chance(20):
        container["args"] = ["--one", "--two"]
    return container


def _hpa(drawn: _Tree, metadata: Json) -> Json:
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": drawn.random.choice(_NAMES)},
        "minReplicas": drawn.random.choice(_NUMBERS),
        "maxReplicas": 9,
        "metrics": [metric] * drawn.random.randint(0, 2),
    }
    version = drawn.random.choice(("autoscaling/v2", "autoscaling/v2", "autoscaling/v1"))
    return {"apiVersion": version, "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}


def _pdb(drawn: _Tree, metadata: Json) -> Json:
    selector = drawn.random.choice(
        ({"matchLabels": {"app": "web"}}, {"matchExpressions": [{"key": "app", "operator": "Exists"}]})
    )
    spec = {"minAvailable": drawn.random.choice((1, "50%")), "selector": selector}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def _scaled(drawn: _Tree, metadata: Json) -> Json:
    spec = {"scaleTargetRef": {"name": drawn.random.choice(_NAMES)}, "triggers": [{"type": "cron"}]}
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata, "spec": spec}


def _service(drawn: _Tree, metadata: Json) -> Json:
    ports = [{"port": 80, "protocol": "TCP"}, {"port": 443, "protocol": "TCP"}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": ports}}


def _namespace(drawn: _Tree, metadata: Json) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": metadata["name"]}}


def _config(drawn: _Tree, metadata: Json) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"n": "4", "image": "web:2"}}


_OBJECTS = {
    "workload": _workload,
    "hpa": _hpa,
    "pdb": _pdb,
    "scaled": _scaled,
    "service": _service,
    "namespace": _namespace,
    "config": _config,
}


def _overlay(drawn: _Tree, folder: str, level: int) -> None:
    random = drawn.random
    below = [f"../{name}" for name in drawn.folders[-2:]] if level == 0 else [f"../{drawn.folders[-1]}"]
    if drawn.chance(15):
        drawn.write(f"{folder}-twin", {"resources": below[-1:], "namePrefix": f"t{level}-"})
        below.append(f"../{folder}-twin")
    fields: Json = {"resources": below}
    if drawn.chance(30):
        name, text = _file(drawn, [_object(drawn)])
        drawn.files[f"{folder}/own{name}"] = text
        fields["resources"] = [*below, f"own{name}"]
    drawn.write(folder, fields)
    if not drawn.is_built(folder):
        fields["resources"] = below[-1:]
        drawn.write(folder, fields)
    if drawn.chance(40):
        _with_component(drawn, folder, fields, level)
    _with_features(drawn, folder, fields, random.randint(1, 5))
    drawn.folders.append(folder)


def _with_component(drawn: _Tree, folder: str, fields: Json, level: int) -> None:
    component = f"component{level}"
    fields["components"] = [f"../{component}"]
    drawn.write(component, {**_COMPONENT, "resources": []})
    drawn.write(folder, fields)
    inner: Json = {**_COMPONENT, "resources": []}
    if drawn.chance(50):
        name, text = _file(drawn, [_object(drawn)])
        drawn.files[f"{component}/own{name}"] = text
        inner["resources"] = [f"own{name}"]
    _with_features(drawn, component, inner, drawn.random.randint(1, 3), root=folder)
    if drawn.chance(10):
        fields["components"] *= 2
    drawn.write(folder, fields)
    if not drawn.is_built(folder) and drawn.chance(90):
        del fields["components"]
        drawn.write(folder, fields)


def _with_features(drawn: _Tree, folder: str, fields: Json, count: int, *, root: str = "") -> None:
    """Add features, and take back most of those with which nothing is built any more."""
    drawn.write(folder, fields)
    for _ in range(count):
        before = json.loads(json.dumps(fields))
        feature = drawn.random.choices(_FEATURES, _WEIGHTS)[0]
        feature(drawn, fields, drawn.resources(root or folder))
        drawn.write(folder, fields)
        if not drawn.is_built(root or folder) and drawn.chance(93):
            fields.clear()
            fields.update(before)
            drawn.write(folder, fields)


def _set_namespace(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    fields["namespace"] = drawn.random.choice(("one", "two", "shop"))


def _set_affix(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    field = drawn.random.choice(("namePrefix", "nameSuffix"))
    fields[field] = "p-" if field == "namePrefix" else "-s"


def _set_labels(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    pairs = {"team": drawn.random.choice("ab")}
    choice = drawn.random.randint(0, 3)
    if choice == 0:
        fields["commonLabels"] = pairs
    elif choice == 1:
        fields["commonAnnotations"] = pairs
    else:
        entry: Json = {"pairs": pairs}
        entry["includeSelectors" if choice == 2 else "includeTemplates"] = True
        fields["labels"] = [*fields.get("labels", []), entry]


def _set_count(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    one = _any(drawn, resources, "Deployment", "StatefulSet")
    if one:
        name = drawn.random.choice(list(one.ids())).name
        fields["replicas"] = [*fields.get("replicas", []), {"name": name, "count": drawn.random.choice(_NUMBERS)}]


def _set_image(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    fields["images"] = [{"name": drawn.random.choice("abc"), "newTag": "9"}]


def _set_generator(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    config = _any(drawn, resources, "ConfigMap")
    entry: Json = {"name": drawn.random.choice(_NAMES), "literals": ["n=5", "text=<a & b>"]}
    if config and drawn.chance(50):
        entry = {
            "name": config.original.name,
            "behavior": drawn.random.choice(("merge", "replace")),
            "literals": ["k=v"],
        }
        if config.original.namespace != "default":
            entry["namespace"] = config.original.namespace
    fields["configMapGenerator"] = [entry]
    if drawn.chance(30):
        fields["generatorOptions"] = {"disableNameSuffixHash": True}


def _set_replacement(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    source, target = _any(drawn, resources), _any(drawn, resources, "Deployment", "StatefulSet", "Rollout")
    if not source or not target:
        return
    from_path = drawn.random.choice(
        ("metadata.name", "spec.replicas", "data.n", "spec.template.spec.containers.0.image")
    )
    to_path = drawn.random.choice(
        (
            "spec.replicas",
            "spec.template.spec.containers.0.image",
            "metadata.annotations.copied",
            "spec.template.spec.containers.[name=a].image",
            "spec.template.spec.containers.*.image",
        )
    )
    options = {"options": {"create": True}} if drawn.chance(50) and "*" not in to_path else {}
    entry = {
        "source": {"kind": source.id.kind, "name": source.id.name, "fieldPath": from_path},
        "targets": [{"select": {"kind": target.id.kind, "name": target.id.name}, "fieldPaths": [to_path], **options}],
    }
    fields["replacements"] = [*fields.get("replacements", []), entry]


def _any(drawn: _Tree, resources: tuple[Resource, ...], *kinds: str) -> Resource | None:
    found = [one for one in resources if not kinds or one.id.kind in kinds]
    return drawn.random.choice(found) if found else None


def _add_merge(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    one = _any(drawn, resources)
    if not one:
        return
    wanted = drawn.random.choice([*one.ids(), one.id, one.original])
    patch = {**_head(one, wanted), **_body(drawn, one)}
    text = _text(patch, sort_keys=False)
    if drawn.chance(15):
        fields["patchesStrategicMerge"] = [*fields.get("patchesStrategicMerge", []), text]
        return
    entry: Json = {"patch": text}
    if drawn.chance(40):
        entry["target"] = _target(drawn, one)
    fields["patches"] = [*fields.get("patches", []), entry]


def _plain(value: Json) -> Json:
    """Without the classes of texts that our reader keeps apart."""
    read: Json = json.loads(json.dumps(value, default=str))
    return read


def _head(one: Resource, wanted: Id) -> Json:
    version = f"{wanted.group}/{wanted.version}" if wanted.group else wanted.version
    metadata: Json = {"name": wanted.name}
    if wanted.namespace not in ("default", NO_NAMESPACE):
        metadata["namespace"] = wanted.namespace
    return _plain({"apiVersion": version, "kind": one.id.kind, "metadata": metadata})


def _body(drawn: _Tree, one: Resource) -> Json:
    if drawn.chance(4):
        return {"$patch": "delete"}
    if one.id.kind in ("Deployment", "StatefulSet", "Rollout"):
        return {"spec": _workload_patch(drawn)}
    if one.id.kind == "HorizontalPodAutoscaler":
        return {
            "spec": drawn.random.choice(
                ({"metrics": [{"type": "External"}]}, {"minReplicas": None}, {"maxReplicas": 4})
            )
        }
    return drawn.random.choice(({"spec": {"added": {"x": None, "z": 1}}}, {"data": {"n": "6"}}, {"spec": None}))


def _workload_patch(drawn: _Tree) -> Json:
    random = drawn.random
    name = random.choice(_CONTAINER_NAMES)
    items: list[Json] = [
        {"name": name, "resources": {"limits": {"cpu": "2", "memory": None}}},
        {"name": name, "$patch": "delete"},
        {"name": name, "$patch": "replace", "image": "new"},
        {"name": name, "resources": {"$patch": "replace", "limits": {"cpu": 3}}},
        {"name": name, "env": [{"name": "Y", "value": "new"}, {"name": "X", "$patch": "delete"}]},
        {"name": name, "ports": [{"containerPort": 80, "name": "renamed"}]},
        {"name": name, "args": []},
        {"name": name, "env": None},
        {"image": "nameless"},
    ]
    chosen = random.choices(items, (6, 1, 1, 1, 2, 2, 1, 1, 0.2), k=random.randint(1, 2))
    containers = list({item.get("name"): item for item in chosen}.values())
    if drawn.chance(5):
        containers.append({"$patch": "replace"})
    pod: Json = random.choice(
        (
            {"containers": containers},
            {"containers": containers},
            {"containers": []},
            {"volumes": [{"name": "v", "emptyDir": None}]},
            {"tolerations": [{"key": "n"}]},
            {"nodeSelector": {"disk": "ssd"}},
        )
    )
    specs: tuple[Json, ...] = (
        {"replicas": random.choice((None, 4, "4"))},
        {"template": {"spec": pod}},
        {"template": {"spec": pod}},
        {"strategy": {"$patch": "replace", "type": "Recreate"}},
    )
    return random.choice(specs)


def _target(drawn: _Tree, one: Resource) -> Json:
    random = drawn.random
    name = random.choice((one.id.name, one.original.name))
    choices: list[Json] = [
        {"kind": one.id.kind, "name": name},
        {"kind": one.id.kind},
        {"name": random.choice((f"^{name}$", f"{name[:1]}.*", f"({name}|none)", name[:2]))},
        {"kind": one.id.kind, "namespace": random.choice(("default", "one", one.id.namespace))},
        {"group": one.id.group or "apps", "version": "v.*"},
        {"labelSelector": random.choice(("app", "app=web", "app in (web, api)", "tier!=x", "!app"))},
        {"annotationSelector": "note=yes"},
    ]
    return random.choices(choices, (5, 3, 2, 1, 1, 2, 0.5))[0]


def _add_json(drawn: _Tree, fields: Json, resources: tuple[Resource, ...]) -> None:
    one = _any(drawn, resources)
    if not one:
        return
    operations = [_operation(drawn, one) for _ in range(drawn.random.randint(1, 2))]
    is_late = drawn.chance(15)
    text = json.dumps(operations) if drawn.chance(30) else _text(operations)
    field = "patchesJson6902" if is_late else "patches"
    target = {"kind": one.id.kind, "name": one.id.name} if is_late else _target(drawn, one)
    fields[field] = [*fields.get(field, []), {"target": target, "patch": text}]


def _operation(drawn: _Tree, one: Resource) -> Json:
    random = drawn.random
    paths = list(_paths(one.doc, ""))
    path = random.choice(
        [found for found in paths if found.startswith(("/spec", "/data"))] or ["/metadata/annotations/x"]
    )
    operation = random.choices(("add", "replace", "remove", "test", "copy", "move"), (6, 6, 2, 0.5, 0.5, 0.5))[0]
    if operation in ("copy", "move"):
        return {"op": operation, "from": path, "path": "/spec/copied"}
    if operation == "remove":
        return {"op": operation, "path": path}
    if drawn.chance(15):
        path = random.choice(("/metadata/annotations/x", "/metadata/labels/x", "/spec/replicas", "/spec/paused"))
    return {"op": operation, "path": path, "value": _value_for(drawn, one, path)}


def _value_for(drawn: _Tree, one: Resource, path: str) -> object:
    """A value of the kind that is there: others make objects that no cluster takes, and kustomize fails on them."""
    found = at(one.doc, [int(part) if part.lstrip("-").isdecimal() else part for part in path.split("/")[1:]])
    if path.startswith(("/metadata", "/data")):
        return "text"
    if isinstance(found, dict):
        return {**_plain(found), "k": "v"}
    if isinstance(found, list):
        return [*_plain({"": found})[""], *_plain({"": found})[""][:1]]
    if found is ABSENT and path.rpartition("/")[2] in ("-", "0", "1", "2", "3"):
        return {"name": "added", "k": "v"} if "args" not in path else "added"
    return drawn.random.choice((4, "4", True, None))


def _paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        yield from (f"{path}/-", f"{path}/0", f"{path}/-1", f"{path}/{len(value)}")
        for index, item in enumerate(value):
            yield from _paths(item, f"{path}/{index}")
    if path:
        yield path


_FEATURES = (
    _add_merge,
    _add_json,
    _set_namespace,
    _set_affix,
    _set_labels,
    _set_count,
    _set_image,
    _set_generator,
    _set_replacement,
)
_WEIGHTS = (8, 6, 2, 2, 2, 2, 0.7, 1, 1)
