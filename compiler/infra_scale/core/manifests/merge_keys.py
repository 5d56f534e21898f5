"""Which lists kustomize merges by key, by apiVersion and kind: the schema of Kubernetes 1.21.2, as kyaml reads it.

A kind that is not here (a custom resource, autoscaling/v2) has none: each list of a patch replaces the whole list.
"""

from collections.abc import Mapping

Schema = Mapping[str, object]
"""The members of a map that lead to keyed lists: another map, or KeyedList."""


class KeyedList:
    """A list of maps that is merged by one or two keys, or of texts without any."""

    def __init__(self, *keys: str, items: Schema | None = None) -> None:
        self.keys = keys
        self.items: Schema = items or {}


_METADATA: Schema = {"finalizers": KeyedList(), "ownerReferences": KeyedList("uid")}
_CONTAINER: Schema = {
    "env": KeyedList("name"),
    "ports": KeyedList("containerPort", "protocol"),
    "volumeDevices": KeyedList("devicePath"),
    "volumeMounts": KeyedList("mountPath"),
}
_CONTAINERS = KeyedList("name", items=_CONTAINER)
_POD_SPEC: Schema = {
    "containers": _CONTAINERS,
    "ephemeralContainers": KeyedList("name", items={key: value for key, value in _CONTAINER.items() if key != "ports"}),
    "hostAliases": KeyedList("ip"),
    "imagePullSecrets": KeyedList("name"),
    "initContainers": _CONTAINERS,
    "topologySpreadConstraints": KeyedList("topologyKey", "whenUnsatisfiable"),
    "volumes": KeyedList("name"),
}
_TEMPLATE: Schema = {"metadata": _METADATA, "spec": _POD_SPEC}
_WORKLOAD: Schema = {"metadata": _METADATA, "spec": {"template": _TEMPLATE}}
_CRON_JOB: Schema = {"metadata": _METADATA, "spec": {"jobTemplate": {"metadata": _METADATA, **_WORKLOAD}}}
_PLAIN: Schema = {"metadata": _METADATA}
_WEBHOOKS: Schema = {**_PLAIN, "webhooks": KeyedList("name")}
_ADMISSION = dict.fromkeys(("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"), _WEBHOOKS)
_AUTOSCALER = {"HorizontalPodAutoscaler": _PLAIN}
_SCHEMAS: dict[str, dict[str, Schema]] = {
    "v1": {
        "Pod": _TEMPLATE,
        "PodTemplate": {**_PLAIN, "template": _TEMPLATE},
        "ReplicationController": _WORKLOAD,
        "Service": {**_PLAIN, "spec": {"ports": KeyedList("port", "protocol")}},
        "ServiceAccount": {**_PLAIN, "secrets": KeyedList("name")},
        **dict.fromkeys(
            (
                "ConfigMap",
                "Endpoints",
                "LimitRange",
                "Namespace",
                "Node",
                "PersistentVolume",
                "PersistentVolumeClaim",
                "ResourceQuota",
                "Secret",
            ),
            _PLAIN,
        ),
    },
    "apps/v1": dict.fromkeys(("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"), _WORKLOAD),
    "batch/v1": {"Job": _WORKLOAD, "CronJob": _CRON_JOB},
    "batch/v1beta1": {"CronJob": _CRON_JOB},
    "autoscaling/v1": _AUTOSCALER,
    "autoscaling/v2beta1": _AUTOSCALER,
    "autoscaling/v2beta2": _AUTOSCALER,
    "policy/v1": {"PodDisruptionBudget": _PLAIN},
    "policy/v1beta1": {"PodDisruptionBudget": _PLAIN, "PodSecurityPolicy": _PLAIN},
    "networking.k8s.io/v1": dict.fromkeys(("Ingress", "IngressClass", "NetworkPolicy"), _PLAIN),
    "networking.k8s.io/v1beta1": dict.fromkeys(("Ingress", "IngressClass"), _PLAIN),
    "rbac.authorization.k8s.io/v1": dict.fromkeys(("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"), _PLAIN),
    "storage.k8s.io/v1": {"StorageClass": _PLAIN},
    "admissionregistration.k8s.io/v1": _ADMISSION,
    "admissionregistration.k8s.io/v1beta1": _ADMISSION,
}


def schema_of(value: object) -> Schema | None:
    """The keyed lists of an object; None where kustomize has no schema for it."""
    if not isinstance(value, dict):
        return None
    version, kind = value.get("apiVersion"), value.get("kind")
    return _SCHEMAS.get(version, {}).get(kind) if isinstance(version, str) and isinstance(kind, str) else None
