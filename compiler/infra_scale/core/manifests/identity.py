"""How kustomize identifies objects, and an object with all identities that it has had."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from infra_scale.core.manifests.outcome import Place
from infra_scale.core.manifests.tree import Json, text_at
from infra_scale.model.tagged import tagged

NO_NAMESPACE = "_non_namespaceable_"
"""The effective namespace of what is certainly cluster-scoped."""
DEFAULT = "default"
_CLUSTER_SCOPED: dict[str, tuple[str, ...]] = {
    "v1": ("ComponentStatus", "Namespace", "Node", "PersistentVolume"),
    "admissionregistration.k8s.io/v1": ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
    "admissionregistration.k8s.io/v1beta1": ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
    "apiextensions.k8s.io/v1": ("CustomResourceDefinition",),
    "apiextensions.k8s.io/v1beta1": ("CustomResourceDefinition",),
    "apiregistration.k8s.io/v1": ("APIService",),
    "apiregistration.k8s.io/v1beta1": ("APIService",),
    "authentication.k8s.io/v1": ("TokenReview",),
    "authorization.k8s.io/v1": ("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"),
    "certificates.k8s.io/v1": ("CertificateSigningRequest",),
    "certificates.k8s.io/v1beta1": ("CertificateSigningRequest",),
    "flowcontrol.apiserver.k8s.io/v1beta1": ("FlowSchema", "PriorityLevelConfiguration"),
    "internal.apiserver.k8s.io/v1alpha1": ("StorageVersion",),
    "networking.k8s.io/v1": ("IngressClass",),
    "networking.k8s.io/v1beta1": ("IngressClass",),
    "node.k8s.io/v1": ("RuntimeClass",),
    "node.k8s.io/v1alpha1": ("RuntimeClass",),
    "node.k8s.io/v1beta1": ("RuntimeClass",),
    "policy/v1beta1": ("PodSecurityPolicy",),
    "rbac.authorization.k8s.io/v1": ("ClusterRole", "ClusterRoleBinding"),
    "rbac.authorization.k8s.io/v1alpha1": ("ClusterRole", "ClusterRoleBinding"),
    "rbac.authorization.k8s.io/v1beta1": ("ClusterRole", "ClusterRoleBinding"),
    "scheduling.k8s.io/v1": ("PriorityClass",),
    "scheduling.k8s.io/v1alpha1": ("PriorityClass",),
    "scheduling.k8s.io/v1beta1": ("PriorityClass",),
    "storage.k8s.io/v1": ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"),
    "storage.k8s.io/v1alpha1": ("VolumeAttachment",),
    "storage.k8s.io/v1beta1": ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"),
}
"""By apiVersion, as the schema of Kubernetes 1.21.2 in kyaml has it. Any other kind gets a namespace."""


@tagged
class Id(NamedTuple):
    """What no two objects of one build share."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str
    """The effective one."""

    def __str__(self) -> str:
        kind = ".".join(part for part in (self.kind, self.version, self.group) if part)
        return f"{kind}/{self.name}.{self.namespace}"


def id_of(doc: Json) -> Id:
    """The present identity of an object."""
    version, kind = text_at(doc, "apiVersion"), text_at(doc, "kind")
    group, slash, rest = version.partition("/")
    name, namespace = text_at(doc, "metadata", "name"), text_at(doc, "metadata", "namespace") or DEFAULT
    if kind in _CLUSTER_SCOPED.get(version, ()):
        namespace = NO_NAMESPACE
    return Id(group if slash else "", rest if slash else version, kind, name, namespace)


class Step(NamedTuple):
    """An entry of a kustomization that has changed an object."""

    place: Place
    before: Json
    """The object before it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """An object, as far as a build has come."""

    doc: Json
    id: Id
    """The present one (kustomize: CurId)."""
    place: Place
    """The document that declares it."""
    previous: tuple[Id, ...] = ()
    """Those that it has had, the first first. Group and version are always the present ones."""
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    """What changed it, in order; the line that decides a value is found in here."""
    behavior: str = ""
    """Of a generated one: create, merge or replace."""
    needs_hash: bool = False
    unsure: str = ""
    """Why it is not known whether the object exists with this identity; empty: it does."""

    @property
    def original(self) -> Id:
        """The identity in its file (kustomize: OrgId)."""
        return self.former()[0] if self.previous else self.id

    def former(self) -> tuple[Id, ...]:
        """The previous identities, with the present group and version."""
        group, version = self.id[:2]
        if all(one[0] == group and one[1] == version for one in self.previous):
            return self.previous
        return tuple(one._replace(group=group, version=version) for one in self.previous)

    def ids(self) -> Iterator[Id]:
        """All identities, the present one last."""
        yield from self.former()
        yield self.id

    def remembered(self) -> "Resource":
        """With the present identity among the previous ones."""
        return replace(self, previous=(*self.previous, self.id))

    def changed(self, doc: Json, place: Place) -> "Resource":
        """With another document."""
        if doc is self.doc:
            return self
        return replace(self, doc=doc, id=id_of(doc), steps=(*self.steps, Step(place, self.doc)))


def declared(doc: Json, place: Place) -> Resource:
    """An object as a file declares it."""
    return Resource(doc, id_of(doc), place)
