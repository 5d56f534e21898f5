"""The objects of a small cluster as its API server shows them, full of things that nobody else may learn.

Whatever has CANARY in it, and every ADDRESS, must leave no trace in a snapshot.
"""

from typing import Any

Object = dict[str, Any]

CANARY = "canary"
ADDRESS = "203.0.113."
POOL = "eks.amazonaws.com/nodegroup"
ZONE = "topology.kubernetes.io/zone"


def metadata(name: str, namespace: str | None = "shop", **more: object) -> Object:
    """As each object has it: with annotations, and the names of those who have written it."""
    place = {"namespace": namespace} if namespace else {}
    return {
        "name": name,
        **place,
        "uid": f"{CANARY}-uid-{namespace}-{name}",
        "resourceVersion": "817263",
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": f'{{"token": "{CANARY}"}}',
            "example.com/contact": f"{CANARY}@example.com",
        },
        "managedFields": [{"manager": f"{CANARY}-manager", "operation": "Update"}],
        **more,
    }


def node(
    number: int, pool: str = "general", *, cpu: str = "3920m", memory: str = "12345678Ki", **spec: object
) -> Object:
    """A node; its name, addresses and provider tell where it stands."""
    name = f"ip-{CANARY}-{number}.internal"
    labels = {"kubernetes.io/hostname": name, POOL: pool, ZONE: "eu-1a", "example.com/rack": f"{CANARY}-rack"}
    amounts = {"cpu": cpu, "memory": memory, "pods": "110", "attachable-volumes-csi": "25"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata(name, None, labels=labels),
        "spec": {"providerID": f"aws:///eu-1a/i-{CANARY}{number}", "podCIDR": f"{ADDRESS}0/28", **spec},
        "status": {
            "allocatable": amounts,
            "capacity": amounts,
            "addresses": [{"type": "InternalIP", "address": f"{ADDRESS}{number}"}],
            "nodeInfo": {"machineID": CANARY, "kubeletVersion": "v1.33.1", "osImage": CANARY},
            "images": [{"names": [f"{CANARY}.example/web"], "sizeBytes": 1}],
        },
    }


def container(name: str = "app", **requests: str) -> Object:
    """With everything that a container may give away."""
    return {
        "name": name,
        "image": f"{CANARY}.example/{name}@sha256:1",
        "command": ["/bin/run"],
        "args": [f"--password={CANARY}"],
        "env": [
            {"name": "TOKEN", "value": CANARY},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": CANARY, "key": CANARY}}},
        ],
        "envFrom": [{"secretRef": {"name": f"{CANARY}-secret"}}],
        "livenessProbe": {"httpGet": {"path": f"/{CANARY}", "host": f"{ADDRESS}9"}},
        "volumeMounts": [{"name": CANARY, "mountPath": f"/{CANARY}"}],
        "resources": {"requests": requests} if requests else {},
    }


def pod_spec(*containers: Object, **more: object) -> Object:
    """Of a pod or a template."""
    return {
        "containers": list(containers) or [container(cpu="250m", memory="256Mi")],
        "serviceAccountName": f"{CANARY}-account",
        "imagePullSecrets": [{"name": f"{CANARY}-pull"}],
        "hostAliases": [{"ip": f"{ADDRESS}7", "hostnames": [CANARY]}],
        "volumes": [{"name": CANARY, "secret": {"secretName": CANARY}}],
        **more,
    }


def deployment(name: str = "web", replicas: int = 3, namespace: str = "shop", **pod: object) -> Object:
    """A Deployment whose pods have the label app."""
    labels = {"app": name, "team": f"{CANARY}-team"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace, labels={"owner": f"{CANARY}-owner"}, generation=4),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {"metadata": {"labels": labels, "annotations": {"x": CANARY}}, "spec": pod_spec(**pod)},
        },
        "status": {"replicas": replicas, "conditions": [{"type": "Available", "message": CANARY}]},
    }


def replica_set(deployed: str = "web", namespace: str = "shop") -> Object:
    """What a Deployment has made."""
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": metadata(f"{deployed}-{CANARY}", namespace, ownerReferences=[owner("Deployment", deployed)]),
        "spec": {"replicas": 3, "template": {"spec": pod_spec()}},
    }


def owner(kind: str, name: str) -> Object:
    """A reference to what manages an object."""
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": CANARY, "controller": True}


def pod(number: int, on: int, owned: Object | None = None, namespace: str = "shop", **more: object) -> Object:
    """A pod that runs on the node with number `on`; by default one of Deployment/web."""
    reference = owned or owner("ReplicaSet", f"web-{CANARY}")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(f"web-{CANARY}-{number}", namespace, ownerReferences=[reference]),
        "spec": pod_spec(nodeName=f"ip-{CANARY}-{on}.internal", **more),
        "status": {"phase": "Running", "podIP": f"{ADDRESS}{number}", "hostIP": f"{ADDRESS}{on}", "message": CANARY},
    }


def plain(version: str, kind: str, name: str, spec: Object, **more: object) -> Object:
    """An object of the namespace shop that is little more than its spec."""
    return {"apiVersion": version, "kind": kind, "metadata": metadata(name), "spec": spec, **more}


def kube_system() -> Object:
    """The namespace whose uid tells clusters apart."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata("kube-system", None), "spec": {}}


def cluster() -> list[Object]:
    """Three nodes of two pools, a Deployment with all that surrounds it, and pods that are nobody's business."""
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    selector = {"matchLabels": {"app": "web"}}
    amount = {"requests.cpu": "20", "requests.memory": "40Gi"}
    limit = {"type": "Container", "defaultRequest": {"cpu": "100m"}, "max": {"memory": "4Gi"}}
    taint = {"key": "spot", "value": "yes", "effect": "NoSchedule"}
    status = {"hard": amount, "used": {"requests.cpu": "750m", "requests.memory": "768Mi"}}
    daemons = owner("DaemonSet", f"{CANARY}-agent")
    return [
        kube_system(),
        node(1),
        node(2),
        node(3, "spot", cpu="7910m", taints=[taint]),
        deployment(),
        replica_set(),
        *(pod(number, on) for number, on in ((1, 1), (2, 1), (3, 2))),
        *(pod(10 + on, on, daemons, "kube-system") for on in (1, 2, 3)),
        pod(20, 2, owner("ReplicaSet", "other"), f"{CANARY}-namespace"),
        plain("v1", "ResourceQuota", "compute", {"hard": amount}, status=status),
        plain("v1", "LimitRange", "defaults", {"limits": [limit]}),
        plain("policy/v1", "PodDisruptionBudget", "web", {"minAvailable": 2, "selector": selector}),
        plain(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            "web",
            {
                "scaleTargetRef": reference,
                "minReplicas": 2,
                "maxReplicas": 6,
                "metrics": [
                    {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}},
                ],
            },
        ),
        plain(
            "autoscaling.k8s.io/v1",
            "VerticalPodAutoscaler",
            "web",
            {"targetRef": reference, "updatePolicy": {"updateMode": "Off"}},
        ),
    ]
