"""What snapshots and prices make of plans, through the whole compile."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context, Facts
from infra_scale.core.documents.forecast_nodes import capacity_node, cost_node
from infra_scale.core.schema.catalogue import PRICES, SNAPSHOT
from infra_scale.model.source import NotAFile
from support.pure import SCHEMAS, compile, source
from support.repository import CHECKOUT

_SCHEMAS = SCHEMAS._replace(
    snapshot=(CHECKOUT / "schemas" / SNAPSHOT).read_text(encoding="utf-8"),
    prices=(CHECKOUT / "schemas" / PRICES).read_text(encoding="utf-8"),
)
_TARGET = "clusters: [{name: eu}]\n"
_SNAPSHOT = """\
apiVersion: infra.scale/v1
kind: ClusterSnapshot
metadata: {cluster: eu, capturedAt: "2026-01-01T00:00:00Z", schema: 1}
nodePools:
  - {name: general, min: 1, max: 3, current: 2, template: {allocatable: {cpu: "4", memory: 8Gi, pods: "20"}}}
nodes:
  - id: n1
    pool: general
    allocatable: {cpu: "4", memory: 8Gi, pods: "20"}
    requested: {cpu: "1", memory: 2Gi}
    pods: 2
  - {id: n2, pool: general, allocatable: {cpu: "4", memory: 8Gi, pods: "20"}, requested: {}, pods: 0}
namespaces:
  - name: shop
    quotas: [{name: compute, hard: {requests.cpu: "10", pods: "9"}, used: {requests.cpu: "1", pods: "2"}}]
workloads:
  - kind: Deployment
    namespace: shop
    name: web
    replicas: 2
    containers: [{name: app, requests: {cpu: 500m, memory: 1Gi}}]
    placement: {n1: 2}
  - kind: Job
    namespace: shop
    name: load
    replicas: 1
    containers: [{name: app, requests: {cpu: 100m, memory: 128Mi}}]
"""
_PRICES = """\
apiVersion: infra.scale/v1
kind: PriceSheet
metadata: {cluster: eu, effectiveFrom: "2026-01-01"}
currency: EUR
hoursPerMonth: 100
default: {cpuCoreHour: "0.10", ramGiBHour: "0.01"}
"""


def _request(workloads: str, *, autoscaling: str = "hpa") -> str:
    return f"target: prod\nnamespace: shop\nautoscaling: {autoscaling}\nworkloads: [{workloads}]\n"


def _web(more: str) -> str:
    return _request(f"{{kind: Deployment, name: web, {more}}}")


def _compile(
    *requests: str,
    snapshot: str | None = _SNAPSHOT,
    prices: str | None = None,
    target: str = _TARGET,
    as_of: str | None = None,
) -> Compilation:
    texts = {"snapshot": snapshot, "prices": prices}
    clusters = tuple(source(text, f"ops/clusters/eu/{name}.yaml") for name, text in texts.items() if text is not None)
    context = Context(
        _SCHEMAS,
        targets=(source(target, "ops/targets/prod.yaml"),),
    )
    facts = Facts(_DAY, clusters, _SCHEMAS, datetime.fromisoformat(as_of) if as_of else None)
    return compile([source(text, f"requests/r{number}.yaml") for number, text in enumerate(requests)], context, facts)


_DAY = date(2026, 1, 1)


def _plan(compilation: Compilation, number: int = 0) -> dict[str, Any]:
    """The plan, with what is shown beside it under the keys that JSON has for that."""
    path = f"requests/r{number}.yaml"
    plan: dict[str, Any] = yaml.safe_load(compilation.files[f"ops/plans/infra-scale/prod/r{number}/plan.yaml"])
    forecast = compilation.forecasts[path]
    shown = {"capacity": capacity_node(forecast.capacity), "cost": forecast.cost and cost_node(forecast.cost)}
    return plan | {key: node for key, node in shown.items() if node}


def _summary(compilation: Compilation) -> str:
    return compilation.files["ops/plans/infra-scale/prod/r0/SUMMARY.md"].decode()


def _statuses(plan: dict[str, Any]) -> dict[str, str]:
    (workload,) = plan["capacity"]["eu"]["workloads"]
    return {name: scenario["status"] for name, scenario in workload["scenarios"].items()}


def test_what_runs_now_is_not_where_a_plan_says_that_a_scale_starts_from() -> None:
    plan = _plan(_compile(_web("replicas: 4")))
    assert plan["actions"][0] == {
        "action": "scale_workload",
        "kind": "Deployment",
        "name": "web",
        "namespace": "shop",
        "from": "${detect}",
        "to": 4,
        "reason": "requested_scale",
    }


def test_what_a_snapshot_does_not_have_is_found_out_when_the_plan_is_applied() -> None:
    plan = _plan(_compile(_request("{kind: Deployment, name: other, replicas: 4}")))
    assert plan["actions"][0]["from"] == "${detect}"
    assert plan["capacity"]["eu"]["workloads"][0]["scenarios"]["requested"] == {
        "status": "unknown",
        "message": "Deployment/other → unknown: Deployment/other is not in the snapshot of eu",
    }


def test_a_namespace_that_was_not_looked_at_is_unknown() -> None:
    plan = _plan(_compile(_web("replicas: 4").replace("shop", "bar")))
    message = plan["capacity"]["eu"]["workloads"][0]["scenarios"]["requested"]["message"]
    assert message.endswith("unknown: namespace bar is not in the snapshot of eu")


@pytest.mark.parametrize(
    ("replicas", "status"),
    [(2, "fits"), (16, "fits"), (17, "fits_after_scaleup"), (24, "fits_after_scaleup"), (25, "does_not_fit")],
)
def test_each_verdict_is_told(replicas: int, status: str) -> None:
    # Two run; 3 + 4 cores are free for 14 more, and a third node has room for another 8.
    snapshot = _without_quota(_SNAPSHOT.replace("memory: 8Gi", "memory: 64Gi"))
    compilation = _compile(_web(f"replicas: {replicas}"), snapshot=snapshot)
    assert _statuses(_plan(compilation)) == {"requested": status}


def _without_quota(snapshot: str) -> str:
    return "".join(line for line in snapshot.splitlines(keepends=True) if "quotas:" not in line)


def test_everything_that_is_planned_for_a_cluster_is_judged_together() -> None:
    snapshot = _without_quota(_SNAPSHOT)
    more = _request("{kind: Job, name: load, parallelism: 18}")
    assert _statuses(_plan(_compile(more, snapshot=snapshot))) == {"requested": "fits"}
    both = _compile(_web("replicas: 16"), more, snapshot=snapshot)
    assert _statuses(_plan(both, 1)) == {"requested": "fits_after_scaleup"}
    assert _plan(both, 1)["capacity"]["eu"]["scaleUp"] == [{"pool": "general", "nodes": 1, "current": 2, "max": 3}]


def test_nodes_that_a_pool_adds_are_told_with_their_price() -> None:
    snapshot = _without_quota(_SNAPSHOT.replace("memory: 8Gi", "memory: 64Gi"))
    priced = _PRICES.replace('"0.01"', '"0.01", nodeHour: "0.5"')

    grown = _compile(_web("replicas: 17"), snapshot=snapshot, prices=priced)

    (added,) = _plan(grown)["capacity"]["eu"]["scaleUp"]
    assert added == {"pool": "general", "nodes": 1, "current": 2, "max": 3, "cost": "50.00"}
    (unpriced,) = _plan(_compile(_web("replicas: 17"), snapshot=snapshot, prices=_PRICES))["capacity"]["eu"]["scaleUp"]
    assert "cost" not in unpriced


def test_a_plan_says_the_same_whatever_else_is_planned_where_it_fits() -> None:
    snapshot = _without_quota(_SNAPSHOT)
    alone = _compile(_web("replicas: 3"), snapshot=snapshot)
    beside = _compile(_web("replicas: 3"), _request("{kind: Job, name: load, parallelism: 4}"), snapshot=snapshot)
    assert _plan(alone) == _plan(beside)


def test_gauges_show_how_full_nodes_and_quotas_will_be() -> None:
    plan = _plan(_compile(_web("replicas: 4")))
    assert plan["capacity"]["eu"]["use"] == [
        {"of": "quota shop/compute", "resource": "pods", "before": "2", "after": "4", "limit": "9"},
        {"of": "quota shop/compute", "resource": "requests.cpu", "before": "1", "after": "2", "limit": "10"},
        {"of": "nodes", "resource": "cpu", "before": "1", "after": "2", "limit": "8"},
        {"of": "nodes", "resource": "memory", "before": "2Gi", "after": "4Gi", "limit": "16Gi"},
        {"of": "nodes", "resource": "pods", "before": "2", "after": "4", "limit": "40"},
    ]


def test_where_nothing_changes_there_are_no_gauges() -> None:
    plan = _plan(_compile(_web("replicas: 2")))
    assert "use" not in plan["capacity"]["eu"]
    message = plan["capacity"]["eu"]["workloads"][0]["scenarios"]["requested"]["message"]
    assert message.endswith("→ fits: no further pods to place")


def test_without_a_snapshot_a_plan_has_no_capacity() -> None:
    compilation = _compile(_web("replicas: 4"), snapshot=None)
    assert "capacity" not in _plan(compilation)
    assert "cost" not in _plan(compilation)
    assert "## Capacity" not in _summary(compilation)


def test_prices_give_before_after_and_range() -> None:
    plan = _plan(_compile(_web("replicas: 4, hpa: {min: 3, max: 6, targetCPU: 60}"), prices=_PRICES))
    # a pod: 0.5 cores at 0.10 and 1 GiB at 0.01, for 100 hours: 6.00
    assert plan["cost"]["monthly"] == {
        "before": "12.00",
        "after": "24.00",
        "delta": "12.00",
        "min": "18.00",
        "max": "36.00",
    }
    assert plan["cost"]["currency"] == "EUR"
    assert plan["cost"]["prices"] == [{"sheet": "eu", "effectiveFrom": "2026-01-01", "currency": "EUR", "source": ""}]


def test_a_workload_that_keda_has_put_to_sleep_is_told_with_what_it_may_grow_to() -> None:
    asleep = _SNAPSHOT.replace("replicas: 2", "replicas: 0\n    scaledObject: {name: web, min: 0, max: 40}")
    queue = "keda: {max: 40, triggers: [{type: rabbitmq, metadata: {queueName: orders}}]}"

    plan = _plan(_compile(_web(queue), snapshot=asleep.replace("placement: {n1: 2}", ""), prices=_PRICES))

    scenarios = plan["capacity"]["eu"]["workloads"][0]["scenarios"]
    assert {name: (one["replicas"], one["status"]) for name, one in scenarios.items()} == {
        "requested": (0, "fits"),
        "hpaMin": (0, "fits"),
        "hpaMax": (40, "does_not_fit"),
    }
    assert (plan["cost"]["monthly"]["min"], plan["cost"]["monthly"]["max"]) == ("0.00", "240.00")


def test_prices_alone_give_what_it_will_cost_and_no_change() -> None:
    compilation = _compile(_web("replicas: 4, requests: {cpu: 500m, mem: 1Gi}"), snapshot=None, prices=_PRICES)
    cost = _plan(compilation)["cost"]
    assert cost["workloads"] == [
        {
            "cluster": "eu",
            "kind": "Deployment",
            "name": "web",
            "namespace": "shop",
            "before": "n/a",
            "after": "24.00",
            "delta": "n/a",
            "unknown": "no snapshot for cluster eu",
            "counted": "only the container that the request names",
        }
    ]
    assert cost["monthly"]["before"] == "n/a"


def test_the_default_prices_are_taken_only_where_the_target_names_them() -> None:
    request = _web("replicas: 6, requests: {cpu: 500m, mem: 1Gi}")
    target = "prices: opencost-2024-10\n"
    cost = _plan(_compile(request, snapshot=None, target=target))["cost"]
    assert cost["workloads"][0]["after"] == "87.79", "the vector of kubernetes.md §5"
    assert cost["prices"][0]["sheet"] == "opencost-2024-10"
    assert "cost" not in _plan(_compile(request, snapshot=None))


def test_own_prices_of_a_cluster_come_before_the_default_ones() -> None:
    target = f"{_TARGET}prices: opencost-2024-10\n"
    cost = _plan(_compile(_web("replicas: 4"), prices=_PRICES, target=target))["cost"]
    assert [one["sheet"] for one in cost["prices"]] == ["eu"]


def test_a_snapshot_that_is_too_old_decides_about_nothing() -> None:
    compilation = _compile(_web("replicas: 4"), as_of="2026-01-02T00:00:01Z", prices=_PRICES)
    plan = _plan(compilation)
    assert plan["actions"][0]["from"] == "${detect}"
    assert plan["capacity"]["eu"] == {
        "workloads": [
            {
                "kind": "Deployment",
                "name": "web",
                "namespace": "shop",
                "status": "unknown",
                "scenarios": {
                    "requested": {
                        "status": "unknown",
                        "message": "Deployment/web → unknown: the snapshot is over 24h old",
                    }
                },
            }
        ]
    }
    assert plan["cost"]["workloads"][0]["unknown"] == "the snapshot is over 24h old; its containers are unknown"


@pytest.mark.parametrize(
    ("as_of", "age", "status"),
    [
        ("2026-01-02T00:00:00Z", "", "fits"),
        ("2026-01-08T00:00:00Z", "maxAge: 7d\n", "fits"),
        ("2026-01-08T01:00:01+01:00", "maxAge: 7d\n", "unknown"),
        ("2025-12-01T00:00:00Z", "", "fits"),
        (None, "maxAge: 1h\n", "fits"),
    ],
)
def test_age_is_judged_at_the_moment_that_is_named(as_of: str | None, age: str, status: str) -> None:
    compilation = _compile(_web("replicas: 4"), as_of=as_of, target=_TARGET + age)
    assert _statuses(_plan(compilation)) == {"requested": status}


def test_neither_snapshot_nor_prices_nor_their_age_change_a_byte_of_what_is_written() -> None:
    plain = _compile(_web("replicas: 4"), snapshot=None)
    seen = _compile(_web("replicas: 4"), prices=_PRICES, as_of="2026-01-01T12:00:00Z")
    old = _compile(_web("replicas: 4"), prices=_PRICES, as_of="2026-03-01T12:00:00Z")
    full = _compile(_web("replicas: 4"), snapshot=_SNAPSHOT.replace("replicas: 2", "replicas: 3"))

    assert plain.files == seen.files == old.files == full.files
    assert [finding.rule for finding in old.findings if finding.rule == "CAP-006"] == ["CAP-006"]
    assert "CAP-006" not in {finding.rule for finding in seen.findings}


def test_a_snapshot_of_another_cluster_is_not_judged_by_and_the_plan_says_so() -> None:
    compilation = _compile(_web("replicas: 4"), snapshot=_SNAPSHOT.replace("cluster: eu", "cluster: us"))
    assert compilation.is_valid
    assert _statuses(_plan(compilation)) == {"requested": "unknown"}


def test_prices_of_another_cluster_are_an_error() -> None:
    compilation = _compile(_web("replicas: 4"), prices=_PRICES.replace("cluster: eu", "cluster: us"))
    (finding,) = [one for one in compilation.findings if one.severity == "error"]
    assert (finding.rule, finding.path) == ("CLU-002", "ops/clusters/eu/prices.yaml")


def test_a_snapshot_that_cannot_be_read_is_an_error_at_its_place() -> None:
    compilation = _compile(_web("replicas: 4"), snapshot=_SNAPSHOT.replace("cpu: 500m", "cpu: lots"))
    (finding,) = [one for one in compilation.findings if one.severity == "error"]
    assert finding.path == "ops/clusters/eu/snapshot.yaml"
    assert finding.position
    assert "lots" in finding.position.excerpt


def test_a_link_in_place_of_a_snapshot_is_refused() -> None:
    context = Context(
        _SCHEMAS,
        targets=(source(_TARGET, "ops/targets/prod.yaml"),),
    )
    facts = Facts(_DAY, (NotAFile("ops/clusters/eu/snapshot.yaml", "a symbolic link"),), _SCHEMAS)
    compilation = compile([source(_web("replicas: 4"))], context, facts)
    assert [(one.rule, one.severity) for one in compilation.findings if one.severity == "error"] == [
        ("FIL-001", "error")
    ]


@pytest.mark.parametrize("path", ["eu/snapshots.yaml", "eu/snapshot.yml", "snapshot.yaml", "eu/old/snapshot.yaml"])
def test_a_file_that_nobody_reads_is_told(path: str) -> None:
    context = Context(
        _SCHEMAS,
        targets=(source(_TARGET, "ops/targets/prod.yaml"),),
    )
    facts = Facts(_DAY, (source(_SNAPSHOT, f"ops/clusters/{path}"),), _SCHEMAS)
    compilation = compile([source(_web("replicas: 4"))], context, facts)
    assert [one.rule for one in compilation.findings if one.path.startswith("ops/clusters")] == ["CLU-001"]


def _twice(target: Callable[[str], str]) -> Iterator[Compilation]:
    for text in (_TARGET, target(_TARGET)):
        yield _compile(_web("replicas: 4"), prices=_PRICES, target=text)


def test_own_rules_can_ask_about_cost_and_capacity() -> None:
    rule = 'policy: {own: [{id: ACME-001, when: "double(cost.monthly.delta) > 10.0", message: dear}]}\n'
    plain, fired = _twice(lambda text: text + rule)
    assert "ACME-001" not in {one.rule for one in plain.findings}
    assert "ACME-001" in {one.rule for one in fired.findings}
