"""Fields that transformers write, by kind and path: the defaults of kustomize, and what `configurations` adds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from infra_scale.core.manifests.identity import Id
from infra_scale.core.manifests.outcome import Refusal
from infra_scale.core.manifests.tree import ABSENT, Json, Unknown, member, text_at, with_member

Keys = tuple[str, ...]
_Setter = Callable[[object], object]


class FieldSpec(NamedTuple):
    """A path, and the kinds of objects in which it is written; an empty part means any."""

    path: Keys
    kind: str = ""
    group: str = ""
    version: str = ""
    create: bool = False

    def selects(self, one: Id) -> bool:
        """Whether it is about an object of this identity."""
        return self.kind in ("", one.kind) and self.group in ("", one.group) and self.version in ("", one.version)

    def covers(self, other: "FieldSpec") -> bool:
        """Whether kustomize takes it for the same."""
        return self.path == other.path and other.selects(Id(self.group, self.version, self.kind, "", ""))


class NameReference(NamedTuple):
    """A kind of objects, and the fields that name one of them."""

    kind: str
    group: str
    version: str
    referrers: tuple[FieldSpec, ...]


def path_of(written: str) -> Keys:
    """The keys of a path; a slash in a key is escaped."""
    return tuple(part.replace("\0", "/") for part in written.replace("\\/", "\0").split("/") if part)


def _spec(path: str, kind: str = "", group: str = "", *, version: str = "", create: bool = True) -> FieldSpec:
    return FieldSpec(path_of(path), kind, group, version, create)


_TEMPLATES = (
    ("spec/template", "ReplicationController", "", "v1"),
    *(("spec/template", kind, "", "") for kind in ("Deployment", "ReplicaSet", "DaemonSet")),
    ("spec/template", "StatefulSet", "apps", ""),
    ("spec/template", "Job", "batch", ""),
    ("spec/jobTemplate", "CronJob", "batch", ""),
    ("spec/jobTemplate/spec/template", "CronJob", "batch", ""),
)
_TEMPLATE_LABELS = (
    _spec("metadata/labels"),
    *(_spec(f"{path}/metadata/labels", kind, group, version=version) for path, kind, group, version in _TEMPLATES),
)
_CLAIMS = (_spec("spec/volumeClaimTemplates[]/metadata/labels", "StatefulSet", "apps"),)
_AFFINITY = tuple(
    f"spec/template/spec/affinity/{kind}/{when}/labelSelector/matchLabels"
    for kind in ("podAffinity", "podAntiAffinity")
    for when in (
        "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "requiredDuringSchedulingIgnoredDuringExecution",
    )
)
_SPREAD = "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels"
_SELECTORS = (
    *(_spec("spec/selector", kind, version="v1") for kind in ("Service", "ReplicationController")),
    *(_spec("spec/selector/matchLabels", kind) for kind in ("Deployment", "ReplicaSet", "DaemonSet")),
    _spec("spec/selector/matchLabels", "StatefulSet", "apps"),
    *(
        _spec(path, kind, "apps", create=False)
        for kind in ("Deployment", "StatefulSet")
        for path in (*_AFFINITY, _SPREAD)
    ),
    _spec("spec/selector/matchLabels", "Job", "batch", create=False),
    _spec("spec/jobTemplate/spec/selector/matchLabels", "CronJob", "batch", create=False),
    _spec("spec/selector/matchLabels", "PodDisruptionBudget", "policy", create=False),
    *(
        _spec(f"spec/{path}podSelector/matchLabels", "NetworkPolicy", "networking.k8s.io", create=False)
        for path in ("", "ingress/from/", "egress/to/")
    ),
)
_ANNOTATIONS = (
    _spec("metadata/annotations"),
    *(_spec(f"{path}/metadata/annotations", kind, group, version=version) for path, kind, group, version in _TEMPLATES),
)
_COUNTED = ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
_POD_PATHS = (
    *((("spec", "template", "spec"), kind) for kind in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job")),
    (("spec", "jobTemplate", "spec", "template", "spec"), "CronJob"),
    (("spec",), "Pod"),
)
_POD_REFERENCES: dict[str, tuple[str, ...]] = {
    "ConfigMap": (
        "volumes/configMap/name",
        "volumes/projected/sources/configMap/name",
        *(
            f"{where}/{what}/name"
            for where in ("containers", "initContainers")
            for what in ("env/valueFrom/configMapKeyRef", "envFrom/configMapRef")
        ),
    ),
    "Secret": (
        "volumes/secret/secretName",
        "volumes/projected/sources/secret/name",
        "imagePullSecrets/name",
        *(
            f"{where}/{what}/name"
            for where in ("containers", "initContainers")
            for what in ("env/valueFrom/secretKeyRef", "envFrom/secretRef")
        ),
    ),
    "PersistentVolumeClaim": ("volumes/persistentVolumeClaim/claimName",),
    "ServiceAccount": ("serviceAccountName",),
}
_SCALED = FieldSpec(("spec", "scaleTargetRef", "name"), "HorizontalPodAutoscaler")
_REFERENCES = (
    *(NameReference(kind, "", "", (_SCALED,)) for kind in _COUNTED),
    *(
        NameReference(
            kind, "", "v1", tuple(FieldSpec((*pod, *path_of(path)), of) for path in paths for pod, of in _POD_PATHS)
        )
        for kind, paths in _POD_REFERENCES.items()
    ),
    NameReference(
        "ServiceAccount",
        "",
        "v1",
        tuple(
            FieldSpec(("subjects",), kind, "rbac.authorization.k8s.io")
            for kind in ("RoleBinding", "ClusterRoleBinding")
        ),
    ),
    NameReference("Service", "", "v1", (FieldSpec(("spec", "serviceName"), "StatefulSet", "apps"),)),
)


_DEFAULTS: Mapping[str, tuple[FieldSpec, ...]] = {
    "namespace": (
        _spec("metadata/name", "Namespace"),
        _spec("spec/service/namespace", "APIService", "apiregistration.k8s.io"),
        _spec(
            "spec/conversion/webhook/clientConfig/service/namespace",
            "CustomResourceDefinition",
            "apiextensions.k8s.io",
            create=False,
        ),
    ),
    "namePrefix": (_spec("metadata/name", create=False),),
    "nameSuffix": (_spec("metadata/name", create=False),),
    "commonLabels": (*_SELECTORS, *_TEMPLATE_LABELS, *_CLAIMS),
    "labels": (),
    "templateLabels": _TEMPLATE_LABELS,
    "volumeClaimTemplateLabels": _CLAIMS,
    "commonAnnotations": _ANNOTATIONS,
    "replicas": tuple(_spec("spec/replicas", kind) for kind in _COUNTED),
    "varReference": (),
}
_NAMES = {name.casefold(): name for name in ("nameReference", *_DEFAULTS)}


@dataclass(frozen=True, slots=True)
class Config:
    """What the transformers of a kustomization write to."""

    references: tuple[NameReference, ...] = _REFERENCES
    fields: Mapping[str, tuple[FieldSpec, ...]] = field(default_factory=lambda: _DEFAULTS)
    """By the name that a file of `configurations` uses."""

    def of(self, name: str) -> tuple[FieldSpec, ...]:
        """The fields of one transformer."""
        return self.fields.get(name, ())

    def with_more(self, other: "Config") -> "Config":
        """With what another adds."""
        if other == self:
            return self
        names = {**self.fields, **other.fields}
        together = {name: tuple(dict.fromkeys((*self.of(name), *other.of(name)))) for name in names}
        return Config(tuple(dict.fromkeys((*self.references, *other.references))), together)


def read_config(documents: Iterable[object]) -> Config:
    """What a file of `configurations` has."""
    references: list[NameReference] = []
    found: dict[str, tuple[FieldSpec, ...]] = {}
    for document in documents:
        for key, items in document.items() if isinstance(document, dict) else ():
            name = _NAMES.get(key.casefold(), "")
            maps = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            if name == "nameReference":
                references += map(_reference, maps)
            elif name:
                found[name] = (*found.get(name, ()), *map(field_of, maps))
    return Config(tuple(references), found)


def field_of(written: Json) -> FieldSpec:
    """One item of a list of fields."""
    return FieldSpec(
        path_of(text_at(written, "path")),
        text_at(written, "kind"),
        text_at(written, "group"),
        text_at(written, "version"),
        text_at(written, "create") == "true",
    )


def _reference(written: Json) -> NameReference:
    specs = written.get("fieldSpecs")
    referrers = tuple(field_of(one) for one in specs if isinstance(one, dict)) if isinstance(specs, list) else ()
    return NameReference(text_at(written, "kind"), text_at(written, "group"), text_at(written, "version"), referrers)


def written(value: object, path: Keys, setter: _Setter, *, create: bool, empty: object = None) -> object:
    """A value with `setter` applied to what is at a path, in each item of the lists on the way. Raises Refusal.

    `empty` is what is created for the last key.
    """
    if not path:
        return setter(value)
    if value is None:
        return value
    if isinstance(value, list):
        return [written(item, path, setter, create=create, empty=empty) for item in value]
    if not isinstance(value, (dict, Unknown)):
        message = f"considering field '{'/'.join(path)}': expected sequence or mapping node"
        raise Refusal(message)
    key = path[0].removesuffix("[]")
    is_created = create and key == path[0]
    old = member(value, key)
    if old is ABSENT or (old is None and is_created):
        if not is_created:
            return value
        old = empty if len(path) == 1 else {}
    if isinstance(old, Unknown) and not is_created:
        return value  # whether it is there is as unknown as before
    new = written(old, path[1:], setter, create=create, empty=empty)
    return value if new is old and isinstance(value, dict) and key in value else with_member(value, key, new)
