"""Workloads are captured with what decides about where their pods fit, and with nothing else of their templates."""

import pytest

from infra_scale.model.pod import Apart, PodContainer, Requirement, Spread, Toleration
from infra_scale.model.snapshot import DisruptionBudget, LiveAutoscaler, LiveVpa, Strategy
from support.capacity import amounts
from support.capture import captured, captured_workload
from support.kube_objects import (
    Object,
    cluster,
    container,
    deployment,
    metadata,
    node,
    owner,
    plain,
    pod,
    pod_spec,
    replica_set,
)

_AIM = {"kind": "Deployment", "name": "web"}


def _hpa(**spec: object) -> Object:
    return plain("autoscaling/v2", "HorizontalPodAutoscaler", "web", {"scaleTargetRef": _AIM, "maxReplicas": 6, **spec})


def _job(name: str, **more: object) -> Object:
    spec = {"parallelism": 4, "template": {"spec": pod_spec()}}
    return plain("batch/v1", "Job", name, spec, **more)


def test_a_deployment_is_captured_whole() -> None:
    (live,) = captured(cluster()).workloads

    assert (live.ref.kind, live.ref.namespace, live.ref.name) == ("Deployment", "shop", "web")
    assert (live.replicas, live.generation, live.resource_version) == (3, 4, None)
    assert live.strategy == Strategy("RollingUpdate", "25%", "0")
    assert live.pod.containers == (PodContainer("app", amounts(cpu="250m", memory="256Mi")),)
    assert live.hpa == LiveAutoscaler("web", 2, 6, 70)
    assert live.vpa == LiveVpa("web", "Off")
    assert live.budgets == (DisruptionBudget("web", "2", None),)


def test_namespaces_that_are_not_managed_leave_only_their_sums() -> None:
    there = captured(cluster())

    assert [state.name for state in there.namespaces] == ["shop"]
    assert sum(row.pods * row.times for row in there.nodes) == 7


def test_conditions_on_nodes_are_kept() -> None:
    zone = "topology.kubernetes.io/zone"
    own = {"matchLabels": {"app": "web"}}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    term = {"matchExpressions": [{"key": zone, "operator": "NotIn", "values": ["b", "a"]}]}
    live = captured_workload(
        deployment(
            nodeSelector={"disk": "ssd"},
            tolerations=[{"key": "spot", "operator": "Exists"}, {"operator": "Exists"}],
            affinity={
                "nodeAffinity": {required: {"nodeSelectorTerms": [term, {}]}},
                "podAntiAffinity": {required: [{"topologyKey": "kubernetes.io/hostname", "labelSelector": own}]},
            },
            topologySpreadConstraints=[
                {"topologyKey": zone, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": own},
                {"topologyKey": "x", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": own},
            ],
            priorityClassName="high",
            activeDeadlineSeconds=60,
        )
    )

    scheduling = live.pod.scheduling
    assert scheduling.node_selector == (("disk", "ssd"),)
    assert scheduling.affinity == ((Requirement(zone, "NotIn", ("a", "b")),),)
    assert set(scheduling.tolerations) == {
        Toleration("spot", "Exists", "", None),
        Toleration(None, "Exists", "", None),
    }
    assert scheduling.is_alone_on_host
    assert scheduling.spread == (Spread(zone, 1),)
    assert live.pod.priority_class == "high"
    assert live.pod.is_terminating


_HOST, _ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
_OWN, _OTHER = {"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}}


@pytest.mark.parametrize(
    ("kind", "term", "expected"),
    [
        ("podAffinity", {"topologyKey": _HOST, "labelSelector": _OWN}, ("podAffinity",)),
        ("podAffinity", {"topologyKey": _ZONE, "labelSelector": _OTHER}, ("podAffinity",)),
        ("podAntiAffinity", {"topologyKey": _HOST, "labelSelector": _OWN}, ()),
        ("podAntiAffinity", {"topologyKey": _HOST, "labelSelector": _OTHER}, ()),
        ("podAntiAffinity", {"topologyKey": _ZONE, "labelSelector": _OWN}, ()),
        ("podAntiAffinity", {"topologyKey": _HOST, "labelSelector": _OWN, "namespaces": ["x"]}, ("podAntiAffinity",)),
    ],
)
def test_required_affinity_that_is_not_followed_is_named(kind: str, term: Object, expected: tuple[str, ...]) -> None:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]}

    assert captured_workload(deployment(affinity={kind: required})).pod.scheduling.unmodelled == expected
    assert captured_workload(deployment(affinity={kind: preferred})).pod.scheduling.unmodelled == ()


_BY_ZONE: Object = {"topologyKey": _ZONE, "maxSkew": 1, "labelSelector": _OWN}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ()),
        ({"minDomains": 1, "nodeAffinityPolicy": "Honor", "matchLabelKeys": ["pod-template-hash"]}, ()),
        ({"minDomains": 3}, ("topologySpread",)),
        ({"nodeAffinityPolicy": "Ignore"}, ()),
        ({"labelSelector": _OTHER}, ()),
        ({"labelSelector": None}, ()),
        ({"labelSelector": _OTHER, "minDomains": 3, "whenUnsatisfiable": "ScheduleAnyway"}, ()),
    ],
    ids=["plain", "defaults", "minDomains", "more nodes", "pods of others", "no pods", "a wish"],
)
def test_a_spread_that_is_not_followed_is_named(more: Object, expected: tuple[str, ...]) -> None:
    live = captured_workload(deployment(topologySpreadConstraints=[{**_BY_ZONE, **more}]))

    assert live.pod.scheduling.unmodelled == expected


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_TIER: Object = {"matchLabels": {"tier": "front"}}


def _tiered(name: str, spec: Object | None = None) -> Object:
    made = deployment(name)
    made["spec"]["template"]["spec"].update(spec or {})
    made["spec"]["template"]["metadata"]["labels"]["tier"] = "front"
    return made


def _apart(selector: Object, key: str = _HOST, **more: object) -> Object:
    return {"podAntiAffinity": {_REQUIRED: [{"topologyKey": key, "labelSelector": selector, **more}]}}


def test_anti_affinity_is_captured_as_the_workloads_that_its_selector_matches() -> None:
    web, api = captured(
        [_tiered("web", {"affinity": _apart(_TIER)}), _tiered("api", {"affinity": _apart(_OWN, _ZONE)})]
    ).workloads[::-1]

    assert web.pod.scheduling.is_alone_on_host
    assert web.pod.scheduling.apart == (Apart(_HOST, (api.ref,)),)
    assert api.pod.scheduling.apart == (Apart(_ZONE, (web.ref,)),)
    assert not api.pod.scheduling.is_alone_on_host
    assert web.pod.scheduling.unmodelled == api.pod.scheduling.unmodelled == ()


@pytest.mark.parametrize(
    ("stranger", "expected"),
    [
        (pod(1, 1, owner("Rollout", "x")), ()),
        ({"labels": {"tier": "front"}}, ("podAntiAffinity",)),
        ({"affinity": _apart({"matchLabels": {"app": "web"}})}, ("podAntiAffinity",)),
        ({"affinity": _apart({"matchLabels": {"app": "db"}})}, ()),
        ({"affinity": _apart({"matchLabels": {"app": "web"}}), "namespace": "other"}, ()),
        (
            {"affinity": _apart({"matchLabels": {"app": "web"}}, namespaceSelector={}), "namespace": "other"},
            ("podAntiAffinity",),
        ),
    ],
    ids=["no relation", "matched", "keeps away", "from others", "in another namespace", "in all namespaces"],
)
def test_pods_of_no_listed_workload_that_selectors_match_make_the_rest_unknown(
    stranger: Object, expected: tuple[str, ...]
) -> None:
    if "kind" not in stranger:
        made = pod(
            1, 1, owner("Rollout", "x"), **{key: stranger[key] for key in ("affinity", "namespace") if key in stranger}
        )
        made["metadata"]["labels"] = stranger.get("labels", {})
        stranger = made

    live = captured_workload(node(1), _tiered("web", {"affinity": _apart(_TIER)}), stranger)

    assert live.pod.scheduling.unmodelled == expected


def test_a_spread_is_captured_with_the_other_workloads_that_it_counts_and_its_policies() -> None:
    spread = {
        **_BY_ZONE,
        "labelSelector": _TIER,
        "nodeTaintsPolicy": "Honor",
        "nodeAffinityPolicy": "Ignore",
        "matchLabelKeys": ["pod-template-hash"],
    }
    api, web = captured([_tiered("web", {"topologySpreadConstraints": [spread]}), _tiered("api")]).workloads

    expected = Spread(_ZONE, 1, (api.ref,), honors_taints=True, ignores_affinity=True, is_per_revision=True)
    assert web.pod.scheduling.spread == (expected,)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"schedulerName": "default-scheduler"}, ()),
        ({"schedulerName": "volcano"}, ("schedulerName",)),
        ({"schedulingGates": [{"name": "example.com/wait"}]}, ("schedulingGates",)),
        ({"resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "gpu"}]}, ("resourceClaims",)),
        ({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}, ("volumes",)),
        ({"volumes": [{"name": "data", "emptyDir": {}}]}, ()),
    ],
)
def test_what_decides_about_the_place_of_a_pod_and_is_not_followed_is_named(
    spec: Object, expected: tuple[str, ...]
) -> None:
    assert captured_workload(deployment(**spec)).pod.scheduling.unmodelled == expected


def test_the_claims_that_a_stateful_set_makes_are_volumes() -> None:
    claims = [{"metadata": {"name": "data"}}]
    spec = {"template": {"spec": pod_spec()}, "volumeClaimTemplates": claims}

    live = captured_workload(plain("apps/v1", "StatefulSet", "db", spec))

    assert live.pod.scheduling.unmodelled == ("volumes",)


def _on_port(number: int, **more: object) -> Object:
    return {**container(cpu="1"), "ports": [{"containerPort": 80, "hostPort": number, **more}]}


def test_host_ports_are_captured_with_what_other_pods_take_of_them() -> None:
    exporter = pod(1, 1, owner("DaemonSet", "exporter"), "kube-system", containers=[_on_port(8080), _on_port(9100)])

    there = captured([node(1), deployment(containers=[_on_port(8080)]), exporter])

    assert there.workloads[0].pod.scheduling.ports == ("TCP/8080",)
    assert [one.ports for one in there.nodes] == [("TCP/8080",)]


def test_a_host_port_of_one_address_is_not_followed_and_the_host_network_takes_every_port() -> None:
    at_one = captured_workload(deployment(containers=[_on_port(8080, hostIP="127.0.0.1")]))
    in_host = captured_workload(
        deployment(hostNetwork=True, containers=[{**container(), "ports": [{"containerPort": 53, "protocol": "UDP"}]}])
    )

    assert at_one.pod.scheduling.unmodelled == ("hostPorts",)
    assert in_host.pod.scheduling.ports == ("UDP/53",)


def _pending(number: int, owned: Object | None = None, namespace: str = "shop") -> Object:
    made = pod(number, 1, owned, namespace)
    del made["spec"]["nodeName"]
    return {**made, "status": {"phase": "Pending"}}


def test_pods_that_exist_and_pods_that_have_a_node_are_counted_apart() -> None:
    ended = {**pod(9, 1), "status": {"phase": "Failed"}}
    leaving = pod(8, 1)
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"

    there = captured(
        [node(1), deployment(replicas=5), replica_set(), pod(1, 1), _pending(2), _pending(3), ended, leaving]
    )

    (live,) = there.workloads
    assert (live.replicas, live.existing, live.scheduled, live.placement) == (5, 3, 1, (("n1", 1),))
    assert [one.pods for one in there.nodes] == [2]
    assert there.waiting == ()


def test_pods_of_others_that_wait_for_a_node_are_captured_by_their_size() -> None:
    strangers = [_pending(number, owner("ReplicaSet", "x"), "other") for number in (2, 3)]

    there = captured([node(1), deployment(), *strangers])

    (waiting,) = there.waiting
    assert (waiting.times, waiting.pod.containers[0].requests) == (2, amounts(cpu="250m", memory="256Mi"))


def test_a_partition_is_captured() -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2, "maxUnavailable": 3}}
    spec = {"template": {"spec": pod_spec()}, "updateStrategy": strategy}

    live = captured_workload(plain("apps/v1", "StatefulSet", "db", spec))

    assert live.strategy == Strategy("RollingUpdate", None, "3", 2)


def test_sidecars_and_init_containers_are_told_apart() -> None:
    sidecar = {**container("proxy", cpu="10m"), "restartPolicy": "Always"}

    live = captured_workload(deployment(initContainers=[sidecar, container("migrate", cpu="1")]))

    assert [(one.name, one.is_sidecar) for one in live.pod.init_containers] == [("proxy", True), ("migrate", False)]


def test_overhead_that_admission_adds_is_that_of_the_workload() -> None:
    with_class = pod(1, 1, overhead={"cpu": "120m"})

    (live,) = captured([node(1), deployment(), cluster()[5], with_class]).workloads

    assert live.pod.overhead == amounts(cpu="120m")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, LiveAutoscaler("web", 1, 6, None)),
        ({"minReplicas": 0}, LiveAutoscaler("web", 0, 6, None)),
        ({"targetCPUUtilizationPercentage": 60}, LiveAutoscaler("web", 1, 6, 60)),
        (
            {"metrics": [{"type": "Resource", "resource": {"name": "memory", "target": {"averageUtilization": 9}}}]},
            LiveAutoscaler("web", 1, 6, None, ("Resource/memory",)),
        ),
    ],
)
def test_an_hpa_is_captured_with_its_bounds(spec: Object, expected: LiveAutoscaler) -> None:
    assert captured_workload(deployment(), _hpa(**spec)).hpa == expected


def test_the_hpa_that_keda_has_made_is_a_part_of_the_scaled_object() -> None:
    made = _hpa()
    made["metadata"] = metadata("keda-hpa-web", ownerReferences=[owner("ScaledObject", "web")])
    scaled = plain("keda.sh/v1alpha1", "ScaledObject", "web", {"scaleTargetRef": {"name": "web"}})

    live = captured_workload(deployment(), made, scaled)

    assert live.hpa is None
    assert live.scaled_object == LiveAutoscaler("web", 0, 100)


def test_what_another_workload_has_made_and_jobs_that_have_ended_are_no_workloads() -> None:
    over = _job("over", status={"conditions": [{"type": "Complete", "status": "True"}]})
    nightly = _job("nightly-1")
    nightly["metadata"]["ownerReferences"] = [owner("CronJob", "nightly")]

    live = captured_workload(_job("open"), over, nightly)

    assert (live.ref.name, live.replicas) == ("open", 4)


def test_a_cron_job_is_captured_by_the_template_of_its_jobs() -> None:
    job = {"spec": {"parallelism": 2, "template": {"spec": pod_spec()}}}

    live = captured_workload(plain("batch/v1", "CronJob", "nightly", {"schedule": "@daily", "jobTemplate": job}))

    assert (live.ref.kind, live.replicas) == ("CronJob", 2)
    assert live.pod.containers[0].requests == amounts(cpu="250m", memory="256Mi")


def test_a_daemon_set_has_as_many_pods_as_it_wants_nodes() -> None:
    live = captured_workload(
        plain("apps/v1", "DaemonSet", "agent", {"template": {"spec": pod_spec()}}, status={"desiredNumberScheduled": 7})
    )

    assert live.replicas == 7


@pytest.mark.parametrize(
    ("selector", "is_about_it"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({}, True),
        (None, False),
        ({"matchLabels": {"app": "other"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_a_budget_belongs_to_the_workloads_whose_pods_it_selects(selector: object, *, is_about_it: bool) -> None:
    budget = plain("policy/v1", "PodDisruptionBudget", "web", {"maxUnavailable": "20%", "selector": selector})

    expected = (DisruptionBudget("web", None, "20%"),) if is_about_it else ()
    assert captured_workload(deployment(), budget).budgets == expected


_APP_ONLY = {"containerName": "app", "controlledResources": ["memory"]}


@pytest.mark.parametrize(
    ("policies", "controlled"),
    [
        ([], ("cpu", "memory")),
        ([_APP_ONLY], ("memory",)),
        ([{**_APP_ONLY, "containerName": "*"}], ("memory",)),
        ([{**_APP_ONLY, "containerName": "mesh"}], ("cpu", "memory")),
        ([{"containerName": "app", "mode": "Off"}], ()),
        ([{"containerName": "*", "mode": "Off"}, _APP_ONLY], ("memory",)),
        ([{"mode": "Off"}], ("cpu", "memory")),
    ],
)
def test_a_vpa_is_captured_with_what_it_sets_of_the_containers_that_there_are(
    policies: list[Object], controlled: tuple[str, ...]
) -> None:
    spec = {
        "targetRef": _AIM,
        "updatePolicy": {"updateMode": "Recreate"},
        "resourcePolicy": {"containerPolicies": policies},
    }
    vpa = plain("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "web", spec)

    live = captured_workload(deployment(), vpa).vpa

    assert live
    assert (live.mode, live.controlled) == ("Recreate", controlled)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, (False, False)),
        ({"podManagementPolicy": "OrderedReady"}, (False, False)),
        ({"podManagementPolicy": "Parallel"}, (True, False)),
        ({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"}}, (False, False)),
        ({"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}, (False, True)),
    ],
)
def test_a_stateful_set_is_captured_with_what_decides_about_its_scaling(
    spec: Object, expected: tuple[bool, bool]
) -> None:
    live = captured_workload(plain("apps/v1", "StatefulSet", "db", {"template": {"spec": pod_spec()}, **spec}))

    assert (live.is_parallel, live.drops_claims) == expected


def _injected(number: int, **more: object) -> Object:
    """A pod with the proxy of a mesh, which admission has added."""
    made = pod(number, 1)
    made["spec"] |= {"containers": [*made["spec"]["containers"], container("mesh", cpu="1")], **more}
    return made


def test_containers_that_every_pod_has_and_the_template_does_not_are_injected() -> None:
    sidecar = {**container("proxy", cpu="100m"), "restartPolicy": "Always"}

    (live,) = captured([node(1), deployment(), replica_set(), _injected(1, initContainers=[sidecar])]).workloads

    app, mesh = live.pod.containers
    assert (app.is_injected, mesh) == (False, PodContainer("mesh", amounts(cpu="1"), is_injected=True))
    assert live.pod.init_containers == (PodContainer("proxy", amounts(cpu="100m"), is_sidecar=True, is_injected=True),)
    assert live.pod.names == ("app",)


def test_a_container_of_some_pods_only_is_from_an_older_template() -> None:
    (live,) = captured([node(1), deployment(), replica_set(), _injected(1), pod(2, 1)]).workloads

    assert [one.name for one in live.pod.containers] == ["app"]


def test_the_metrics_of_an_hpa_besides_cpu_are_captured_by_type_and_plain_name() -> None:
    utilization = {"type": "Utilization", "averageUtilization": 70}
    metrics = [
        {"type": "Resource", "resource": {"name": "cpu", "target": utilization}},
        {"type": "Resource", "resource": {"name": "memory", "target": utilization}},
        {"type": "External", "external": {"metric": {"name": "queue_depth"}}},
        {"type": "Pods", "pods": {"metric": {"name": "a name\nwith lines"}}},
    ]

    live = captured_workload(deployment(), _hpa(metrics=metrics))

    assert live.hpa == LiveAutoscaler("web", 1, 6, 70, ("External/queue_depth", "Pods", "Resource/memory"))


def test_the_object_that_controls_a_workload_is_captured() -> None:
    of_operator = deployment()
    of_operator["metadata"]["ownerReferences"] = [owner("Prometheus", "k8s")]

    assert captured_workload(of_operator).controller == ("Prometheus", "k8s")
    assert captured_workload(deployment()).controller is None


def test_the_volume_claims_of_a_pod_are_captured_as_a_quota_counts_them() -> None:
    storage = {"resources": {"requests": {"storage": "100Gi"}}}
    claims = [{"spec": storage}, {"spec": {**storage, "storageClassName": "fast"}}]
    spec = {"template": {"spec": pod_spec()}, "volumeClaimTemplates": claims}

    live = captured_workload(plain("apps/v1", "StatefulSet", "db", spec))

    assert {name: str(one) for name, one in live.claims} == {
        "persistentvolumeclaims": "2",
        "requests.storage": "200Gi",
        "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
        "fast.storageclass.storage.k8s.io/requests.storage": "100Gi",
    }
