"""Where each rule about clusters fires, and the nearest workload or cluster at which it must not."""

from typing import NamedTuple

from support.snapshots import app, limits, live, node, quota, snapshot


class Pair(NamedTuple):
    """A workload in a cluster at which a rule fires, and the nearest one at which it must not."""

    rule: str
    message: str
    firing: str
    silent: str
    seen: str = snapshot()
    """The snapshot of both."""
    other: str | None = None
    """Of the silent one, where it differs."""
    base: str = ""
    """The base manifest of both."""
    severity: str = ""
    """Where it differs from the rule's."""


def _db(**said: object) -> str:
    return snapshot(live(kind="StatefulSet", **said))


def _scaled(name: str = "web", **said: object) -> dict[str, object]:
    return {"name": name, "min": 2, "max": 4, **said}


_STS = "kind: StatefulSet"
_HPA = "hpa: {min: 2, max: 4}"
_QUEUE = "keda: {min: 2, max: 4, triggers: [{type: cron, metadata: {}}]}"
_CPU_TRIGGER = "keda: {min: 2, max: 4, triggers: [{type: cpu, metricType: Utilization, metadata: {value: '60'}}]}"
_VPA = {"name": "web", "updateMode": "Recreate"}
_PDB = {"name": "guard", "minAvailable": 3}
_BARE = snapshot(live(containers=[app(cpu="", memory="")]))
_TWO = snapshot(live(containers=[app(), app("log")]))
_UNWRITTEN = (
    "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: app, resources: {}}]}}}\n"
)
_ALONE = {"antiAffinityHostname": True}
_FIXED = {"type": "RollingUpdate", "maxSurge": 1, "maxUnavailable": 0}
_ZONE = "topology.kubernetes.io/zone"
_ZONES = (
    node("n1", labels={_ZONE: "a"}),
    node("n2", labels={_ZONE: "b"}, requested={"cpu": "3", "memory": "1Gi"}),
)
_SPREAD = live(spread=[{"topologyKey": _ZONE, "maxSkew": 1}], placement={"n1": 1, "n2": 1})
_FULL = {"cpu": "3500m", "memory": "1Gi"}
_TIGHT = (node("n1", requested=_FULL), node("n2", requested=_FULL), node("n3", requested={"cpu": "4", "memory": "1Gi"}))
_PLACED = {"placement": {"n1": 1, "n2": 1}}


def _bounded(**hard: str) -> dict[str, object]:
    """A namespace with a quota, of which one core and one GiB are used."""
    named = {name.replace("_", "."): one for name, one in hard.items()}
    used = {name: "1" if name.endswith("cpu") else "1Gi" for name in named}
    return {"quotas": [quota(hard=named, used=used)]}


def _ranged(**bounds: dict[str, str]) -> str:
    return snapshot(namespace={"limitRanges": [limits(**bounds)]})


PAIRS = [
    Pair(
        "REP-004",
        "Scale-in 9→4 for Deployment/web removes 56% of pods at once.",
        "replicas: 4",
        "replicas: 5",
        snapshot(live(replicas=9)),
    ),
    Pair(
        "REP-004",
        "Scale-in 30→19 for Deployment/web removes 37% of pods at once.",
        "replicas: 19",
        "replicas: 20",
        snapshot(live(replicas=30)),
    ),
    Pair(
        "REP-004",
        "Scale-in 9→4 for Deployment/web removes 56% of pods at once.",
        "hpa: {min: 2, max: 4}",
        "replicas: 0",
        snapshot(live(replicas=9)),
    ),
    Pair("REP-005", "Scale-out ×3.5 for Deployment/web", "replicas: 7", "replicas: 6"),
    Pair("REP-005", "Scale-out ×4 for Deployment/web", "hpa: {min: 8, max: 9}", "hpa: {min: 6, max: 9}"),
    Pair(
        "KIND-003",
        "StatefulSet/web 4→2: pods 2..3 stop; their PVCs are kept",
        f"{_STS}, replicas: 2",
        f"{_STS}, replicas: 4",
        _db(replicas=4),
    ),
    Pair(
        "KIND-003",
        "StatefulSet/web 2→1: pod 1 stops; its PVCs are deleted",
        f"{_STS}, replicas: 1",
        "replicas: 1",
        _db(whenScaled="Delete"),
        snapshot(),
    ),
    Pair(
        "KIND-004",
        "StatefulSet/web 2→6: sequential start: ~4 × readiness",
        f"{_STS}, replicas: 6",
        f"{_STS}, replicas: 5",
        _db(),
    ),
    Pair(
        "KIND-004",
        "StatefulSet/web 2→6: sequential start: ~4 × readiness",
        f"{_STS}, replicas: 6",
        f"{_STS}, replicas: 6",
        _db(),
        _db(podManagementPolicy="Parallel"),
    ),
    Pair(
        "RES-005",
        "Memory limit of Deployment/web lowered 1Gi→1023Mi; OOMKill risk if usage exceeds it.",
        "limits: {mem: 1023Mi}",
        "limits: {memory: 1024Mi}",
        snapshot(live(containers=[app(limits={"memory": "1Gi"})])),
    ),
    Pair(
        "HPA-016",
        "CPU request change 500m→556m rescales measured utilization; "
        "HPA may move to ~90% of the replicas of Deployment/web.",
        "requests: {cpu: 556m}",
        "requests: {cpu: 555m}",
        snapshot(live(hpa=_scaled(targetCPU=70))),
    ),
    Pair(
        "HPA-016",
        "CPU request change 500m→250m rescales measured utilization; "
        "HPA may move to ~200% of the replicas of Deployment/web.",
        "requests: {cpu: 250m}, hpa: {min: 2, max: 4, targetCPU: 70}",
        "requests: {cpu: 250m}, hpa: {min: 2, max: 4, targetCPU: 140}",
        snapshot(live(hpa=_scaled(targetCPU=70))),
    ),
    Pair(
        "HPA-016",
        "CPU request change 500m→250m rescales measured utilization; "
        "HPA may move to ~200% of the replicas of Deployment/web.",
        "requests: {cpu: 250m}",
        "requests: {cpu: 250m}, replicas: 2, handover: {from: hpa}",
        snapshot(live(hpa=_scaled(targetCPU=70))),
    ),
    Pair(
        "HPA-018",
        "the running HPA of Deployment/web also has other metrics, which the planned one lacks: "
        "External/queue_depth, Resource/memory",
        _HPA,
        "handover: {from: hpa}, replicas: 2",
        snapshot(live(hpa=_scaled(otherMetrics=["External/queue_depth", "Resource/memory"]))),
    ),
    Pair(
        "HPA-018",
        "the running HPA of Deployment/web also has other metrics, which the planned one lacks: Resource/memory",
        _HPA,
        "hpa: {min: 2, max: 4, targetMemory: 70}",
        snapshot(live(hpa=_scaled(otherMetrics=["Resource/memory"]))),
    ),
    Pair(
        "HPA-019",
        "Deployment/web has 0 replicas: its HPA stays inactive until it is scaled up.",
        _HPA,
        f"replicas: 2, {_HPA}",
        snapshot(live(replicas=0)),
    ),
    Pair(
        "HPA-019",
        "Deployment/web has 0 replicas: its HPA stays inactive until it is scaled up.",
        _HPA,
        _QUEUE,
        snapshot(live(replicas=0)),
    ),
    Pair(
        "OWN-008",
        "StatefulSet/web is controlled by Prometheus/k8s, which can set its fields again.",
        f"{_STS}, replicas: 4",
        f"{_STS}, replicas: 4",
        _db(controller={"kind": "Prometheus", "name": "k8s"}),
        _db(),
    ),
    Pair(
        "HPA-005",
        "HPA for Deployment/web targets CPU utilization but container mesh has no cpu request; "
        "HPA cannot compute utilization.",
        _HPA,
        "hpa: {min: 2, max: 4, container: app}",
        snapshot(live(containers=[app(), {"name": "mesh", "injected": True}])),
        base="kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: "
        "[{name: app, resources: {requests: {cpu: 500m}}}]}}}\n",
        severity="error",
    ),
    Pair(
        "HPA-007",
        "Deployment/web is autoscaled by HPA web; a fixed replica count will be overwritten.",
        "replicas: 2",
        "replicas: 2, handover: {from: hpa}",
        snapshot(live(hpa=_scaled())),
    ),
    Pair(
        "HPA-007",
        "Deployment/web is autoscaled by ScaledObject queue; a fixed replica count will be overwritten.",
        "replicas: 2",
        "requests: {cpu: 500m}",
        snapshot(live(scaledObject=_scaled("queue"))),
    ),
    Pair(
        "HPA-011",
        "Deployment/web would be managed by two autoscalers (HPA web, HPA old); both may stop (AmbiguousSelector).",
        _HPA,
        _HPA,
        snapshot(live(hpa=_scaled("old"))),
        snapshot(live(hpa=_scaled("web"))),
    ),
    Pair(
        "HPA-011",
        "Deployment/web would be managed by two autoscalers (HPA web, ScaledObject web); "
        "both may stop (AmbiguousSelector).",
        _HPA,
        f"{_HPA}, handover: {{from: keda}}",
        snapshot(live(scaledObject=_scaled())),
    ),
    Pair(
        "KEDA-001",
        "Deployment/web is managed by HPA web; KEDA refuses workloads that an HPA manages.",
        _QUEUE,
        f"{_QUEUE}, handover: {{from: hpa}}",
        snapshot(live(hpa=_scaled())),
    ),
    Pair(
        "KEDA-001",
        "Deployment/web is managed by HPA old; the hand-over gives KEDA an HPA named web only.",
        f"{_QUEUE}, handover: {{from: hpa}}",
        f"{_QUEUE}, handover: {{from: hpa}}",
        snapshot(live(hpa=_scaled("old"))),
        snapshot(live(hpa=_scaled("web"))),
    ),
    Pair(
        "VPA-001",
        "VPA and HPA both act on cpu for Deployment/web",
        _HPA,
        _HPA,
        snapshot(live(vpa=_VPA)),
        snapshot(live(vpa={**_VPA, "updateMode": "Off"})),
    ),
    Pair(
        "VPA-001",
        "VPA and KEDA both act on cpu for Deployment/web",
        _CPU_TRIGGER,
        _CPU_TRIGGER,
        snapshot(live(vpa=_VPA)),
        snapshot(live(vpa={**_VPA, "controlledResources": ["memory"]})),
    ),
    Pair(
        "VPA-001",
        "VPA and HPA both act on cpu for Deployment/web",
        _HPA,
        f"{_HPA}, vpa: {{mode: 'Off'}}",
        snapshot(live(vpa=_VPA)),
    ),
    Pair(
        "VPA-001",
        "VPA and HPA both act on cpu for Deployment/web",
        "vpa: {mode: Initial}",
        "vpa: {mode: Initial, controlledResources: [memory]}",
        snapshot(live(hpa=_scaled(targetCPU=70))),
    ),
    Pair(
        "VPA-001",
        "VPA and HPA both act on cpu for Deployment/web",
        "vpa: {mode: Initial}",
        "vpa: {mode: Initial}, replicas: 2, handover: {from: hpa}",
        snapshot(live(hpa=_scaled(targetCPU=70))),
    ),
    Pair(
        "VPA-003",
        "VPA will overwrite the cpu request of Deployment/web.",
        "requests: {cpu: 500m}",
        "requests: {cpu: 500m}, handover: {from: vpa}",
        snapshot(live(vpa=_VPA)),
    ),
    Pair(
        "VPA-003",
        "VPA will overwrite the memory request of Deployment/web.",
        "requests: {mem: 512Mi}",
        "requests: {cpu: 500m}",
        snapshot(live(vpa={**_VPA, "controlledResources": ["memory"]})),
    ),
    Pair(
        "VPA-004",
        "vpa.max cpu 4001m of Deployment/web is more than any node has",
        "vpa: {mode: Initial, max: {cpu: 4001m}}",
        "vpa: {mode: Initial, max: {cpu: 4}}",
    ),
    Pair(
        "VPA-004",
        "vpa.max memory 8193Mi of Deployment/web is more than any node has",
        "vpa: {mode: Initial, max: {mem: 8193Mi}}",
        "vpa: {mode: 'Off', max: {mem: 8193Mi}}",
    ),
    Pair(
        "VPA-004",
        "vpa.max cpu 2001m of Deployment/web is more than ResourceQuota compute admits in all",
        "vpa: {mode: Initial, max: {cpu: 2001m}}",
        "vpa: {mode: Initial, max: {cpu: 2}}",
        snapshot(namespace=_bounded(requests_cpu="2")),
    ),
    Pair(
        "HPA-005",
        "HPA for Deployment/web targets CPU utilization but container app has no cpu request; "
        "HPA cannot compute utilization.",
        _HPA,
        _HPA,
        _BARE,
        snapshot(),
        severity="error",
    ),
    Pair(
        "KEDA-003",
        "KEDA scales Deployment/web by cpu but container app has no cpu request; KEDA refuses it.",
        _CPU_TRIGGER,
        f"{_CPU_TRIGGER}, requests: {{cpu: 100m}}",
        _BARE,
        severity="error",
    ),
    Pair(
        "RES-001",
        "cpu request 1001m exceeds limit 1 for Deployment/web",
        "requests: {cpu: 1001m}",
        "requests: {cpu: 1}",
        snapshot(live(containers=[app(limits={"cpu": "1"})])),
    ),
    Pair(
        "RES-001",
        "mem request 513Mi exceeds limit 512Mi for container app of Deployment/web: "
        "LimitRange bounds sets this limit as the default",
        "requests: {mem: 513Mi}",
        "requests: {mem: 512Mi}",
        _ranged(default={"memory": "512Mi"}),
    ),
    Pair(
        "RES-002",
        "cpu request defaults to limit 1 for Deployment/web",
        "limits: {cpu: 1}",
        "limits: {cpu: 1}",
        _BARE,
        snapshot(),
    ),
    Pair(
        "RES-003",
        "QoS of Deployment/web changes BestEffort→Burstable; eviction order changes",
        "requests: {cpu: 500m}",
        "requests: {cpu: 500m}",
        _BARE,
        snapshot(),
        base=_UNWRITTEN,
    ),
    Pair(
        "RES-003",
        "QoS of Deployment/web changes Burstable→Guaranteed; eviction order changes",
        "limits: {cpu: 500m, mem: 512Mi}",
        "limits: {cpu: 500m, mem: 513Mi}",
    ),
    Pair(
        "RES-008",
        "container ap not found in Deployment/web (has: app)",
        "container: ap, requests: {cpu: 1}",
        "container: app, requests: {cpu: 1}",
    ),
    Pair(
        "RES-008",
        "container mesh not found in Deployment/web (has: app)",
        "container: mesh, requests: {cpu: 100m}",
        "container: mesh, requests: {cpu: 100m}",
        snapshot(),
        snapshot(live(initContainers=[app("mesh", restartPolicy="Always")])),
    ),
    Pair(
        "RES-014",
        "migrate is an init container of Deployment/web (containers: app)",
        "container: migrate, requests: {cpu: 100m}",
        "container: app, requests: {cpu: 100m}",
        snapshot(live(initContainers=[app("migrate")])),
    ),
    Pair(
        "RES-009",
        "Deployment/web has 2 containers (app, log): set container",
        "requests: {cpu: 1}",
        "container: log, requests: {cpu: 1}",
        _TWO,
    ),
    Pair("RES-010", "pod of Deployment/web (4001m, 512Mi) fits no node type", "requests: {cpu: 4001m}", _HPA),
    Pair(
        "RES-010",
        "pod of Deployment/web (4001m, 512Mi) fits no node type",
        "requests: {cpu: 4001m}",
        "requests: {cpu: 4}",
    ),
    Pair(
        "AVL-001",
        "PDB guard blocks every eviction of Deployment/web (minAvailable 3 at 3 replicas); node drains will hang. "
        "Scaling and rollouts are not affected.",
        "replicas: 3",
        "replicas: 4",
        snapshot(live(pdbs=[_PDB])),
    ),
    Pair(
        "AVL-003",
        "only 3 eligible nodes for 4 replicas of Deployment/web",
        "replicas: 4",
        "replicas: 3",
        snapshot(live(**_ALONE)),
    ),
    Pair(
        "AVL-003",
        "only 3 eligible nodes for 4 replicas of Deployment/web",
        "replicas: 4",
        "replicas: 4",
        snapshot(live(**_ALONE)),
        snapshot(live(**_ALONE), most=4),
    ),
    Pair(
        "AVL-003",
        "only 3 eligible nodes for 3 replicas of Deployment/web and 1 more during its rollout",
        "requests: {cpu: 600m}",
        "requests: {cpu: 600m}",
        snapshot(live(replicas=3, strategy=_FIXED, **_ALONE)),
        snapshot(live(replicas=3, strategy={**_FIXED, "maxUnavailable": 1}, **_ALONE)),
    ),
    Pair(
        "AVL-003",
        "only 3 eligible nodes for 3 replicas of Deployment/web and 1 more during its rollout",
        "requests: {cpu: 600m}",
        "requests: {cpu: 600m}",
        snapshot(live(replicas=3, strategy={**_FIXED, "maxSurge": "100%"}, **_ALONE)),
        snapshot(live(replicas=2, strategy={**_FIXED, "maxSurge": "100%"}, **_ALONE)),
    ),
    Pair(
        "AVL-004",
        f"topology spread of Deployment/web (maxSkew 1 on {_ZONE}) leaves some pods Pending",
        "replicas: 8",
        "replicas: 7",
        snapshot(_SPREAD, nodes=_ZONES),
    ),
    Pair(
        "AVL-005",
        "Deployment/web has the strategy Recreate: no pod runs while they are all replaced.",
        "requests: {cpu: 501m}",
        "requests: {cpu: 500m}",
        snapshot(live(strategy={"type": "Recreate"})),
    ),
    Pair(
        "CAP-001",
        "Deployment/web 2 × (1, 512Mi) → does not fit (rollout stalls): "
        "new pods do not fit while old ones run, and too few of these may stop",
        "replicas: 2, requests: {cpu: 1}",
        "replicas: 2, requests: {cpu: 500m}",
        snapshot(live(**_PLACED), nodes=_TIGHT),
    ),
    Pair(
        "CAP-001",
        "Deployment/web 21 × (500m, 512Mi) → does not fit: some pods would stay Pending",
        "replicas: 21",
        "replicas: 20",
    ),
    Pair(
        "CAP-001",
        "Deployment/web (3001m, 512Mi) → does not fit: some pods would stay Pending",
        "requests: {cpu: 3001m}",
        "requests: {cpu: 3}",
    ),
    Pair(
        "CAP-002",
        "Deployment/web 21 × (500m, 512Mi) → fits only after scale-up of pool general",
        "replicas: 21",
        "replicas: 20",
        snapshot(most=4),
    ),
    Pair(
        "CAP-003",
        "Deployment/web at HPA max 21 → does not fit; HPA will stop below it in practice with Pending pods",
        "hpa: {min: 2, max: 21}",
        "hpa: {min: 2, max: 20}",
    ),
    Pair(
        "CAP-003",
        "Deployment/web at KEDA max 21 → does not fit; KEDA will stop below it in practice with Pending pods",
        _QUEUE.replace("4", "21"),
        _QUEUE.replace("4", "21"),
        snapshot(),
        snapshot(live(scaledObject=_scaled(max=21))),
    ),
    Pair(
        "CAP-004",
        "more than 85 % of the cpu of all nodes will be requested",
        "replicas: 17",
        "replicas: 16",
    ),
    Pair(
        "CAP-005",
        "Deployment/web has no requests → whether its pods fit is unknown",
        "replicas: 3",
        "replicas: 2",
        _BARE,
    ),
    Pair(
        "QUO-001",
        "ResourceQuota compute: requests.cpu used 1 + requested 1500m > hard 2; at most 4 replicas fit.",
        "replicas: 5",
        "replicas: 4",
        snapshot(namespace=_bounded(requests_cpu="2")),
    ),
    Pair(
        "RES-012",
        "cpu requests of all containers of Deployment/web are 2100m together, more than the request 2 of the pod",
        "container: app, requests: {cpu: 1600m}",
        "container: app, requests: {cpu: 1500m}",
        snapshot(live(containers=[app(), app("log")], resources={"requests": {"cpu": "2"}})),
    ),
    Pair(
        "RES-012",
        "cpu request 1600m of the pod exceeds its limit 1500m for Deployment/web",
        "requests: {cpu: 1600m}",
        "requests: {cpu: 1500m}",
        snapshot(live(resources={"limits": {"cpu": "1500m"}})),
    ),
    Pair(
        "RES-013",
        "cpu limit 3 of container app of Deployment/web exceeds the limit 2 of the pod",
        "limits: {cpu: 3}",
        "limits: {cpu: 2}",
        snapshot(live(resources={"requests": {"cpu": "1"}, "limits": {"cpu": "2"}})),
    ),
    Pair(
        "QUO-002",
        "ResourceQuota compute: requests.cpu > hard 2 during rollout; the rollout of Deployment/web stalls.",
        "requests: {cpu: 1}",
        "requests: {cpu: 666m}",
        snapshot(namespace=_bounded(requests_cpu="2")),
    ),
    Pair(
        "QUO-003",
        "HPA max 5 needs requests.cpu 2500m for Deployment/web; ResourceQuota compute does not admit that many",
        "hpa: {min: 2, max: 5}",
        "hpa: {min: 2, max: 4}",
        snapshot(namespace=_bounded(requests_cpu="2")),
    ),
    Pair(
        "QUO-003",
        "HPA max 5 needs requests.cpu 2500m for Deployment/web; ResourceQuota compute does not admit that many",
        "hpa: {min: 2, max: 5}",
        "hpa: {min: 2, max: 5}",
        snapshot(namespace=_bounded(requests_cpu="2")),
        snapshot(live(hpa=_scaled(max=5)), namespace=_bounded(requests_cpu="2")),
    ),
    Pair(
        "QUO-004",
        "failed quota: compute: must specify limits.memory for: app",
        "replicas: 3",
        "replicas: 3, limits: {mem: 1Gi}",
        snapshot(namespace=_bounded(limits_memory="20Gi")),
    ),
    Pair(
        "QUO-005",
        "ResourceQuota compute: requests.storage 400Gi > hard 350Gi with the volume claims of 2 more pods "
        "of StatefulSet/web",
        f"{_STS}, replicas: 4",
        f"{_STS}, replicas: 3",
        snapshot(
            live(kind="StatefulSet", claims={"persistentvolumeclaims": "1", "requests.storage": "100Gi"}),
            namespace={
                "name": "shop",
                "quotas": [quota(hard={"requests.storage": "350Gi"}, used={"requests.storage": "200Gi"})],
            },
        ),
    ),
    Pair(
        "LIM-001",
        "LimitRange bounds: minimum cpu usage per Container is 400m, but request is 399m "
        "for container app of Deployment/web",
        "requests: {cpu: 399m}",
        "requests: {cpu: 400m}",
        _ranged(min={"cpu": "400m"}),
    ),
    Pair(
        "LIM-002",
        "LimitRange bounds: maximum memory usage per Container is 1Gi, but limit is 1025Mi "
        "for container app of Deployment/web",
        "limits: {mem: 1025Mi}",
        "limits: {mem: 1Gi}",
        _ranged(max={"memory": "1Gi"}),
    ),
    Pair(
        "LIM-003",
        "LimitRange bounds: cpu max limit to request ratio per Container is 2, but provided ratio is 2.002000 "
        "for container app of Deployment/web",
        "limits: {cpu: 1001m}",
        "limits: {cpu: 1}",
        _ranged(maxLimitRequestRatio={"cpu": "2"}),
    ),
]


class Bound(NamedTuple):
    """A threshold that a policy sets, and what fires and what is silent at it."""

    rule: str
    name: str
    bound: int
    firing: str
    silent: str
    seen: str
    """The snapshot of both."""


THRESHOLDS = [
    Bound("REP-004", "percent", 20, "replicas: 7", "replicas: 8", snapshot(live(replicas=10))),
    Bound("REP-004", "pods", 1, "replicas: 8", "replicas: 9", snapshot(live(replicas=10))),
    Bound("REP-005", "factor", 1, "replicas: 3", "replicas: 2", snapshot()),
    Bound("KIND-004", "pods", 1, f"{_STS}, replicas: 4", f"{_STS}, replicas: 3", _db()),
    Bound("CAP-004", "percent", 50, "replicas: 9", "replicas: 8", snapshot()),
]

ELSEWHERE = {"CAP-006", "CAP-007", "COST-001"}
"""They look at several clusters, workloads or at prices: rules/test_clusters.py has their pairs."""
