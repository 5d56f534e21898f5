"""Any value of a file format, as hypothesis draws it: what a reader gives back, and nothing else."""

import json
from decimal import Decimal
from typing import get_args

from hypothesis import strategies as st

from infra_scale.core.documents.helm import read_helm
from infra_scale.model.autoscaler import (
    Behavior,
    Fallback,
    Hpa,
    Keda,
    Resource,
    ScalingPolicy,
    ScalingRules,
    Trigger,
    UpdateMode,
    Vpa,
)
from infra_scale.model.cost import Budget, Threshold
from infra_scale.model.finding import Waiver
from infra_scale.model.nightly import Condition, Task
from infra_scale.model.policy import OwnRule, Policy, Setting
from infra_scale.model.prices import Prices, PriceSheet
from infra_scale.model.quantity import NANO, Quantity, Resources
from infra_scale.model.request import OWNERS, Handover, ScaleRequest, Workload
from infra_scale.model.target import Target
from infra_scale.model.workload import KINDS, Cluster, WorkloadRef

LABELS = st.sampled_from(["web", "0", "1e9", "null", "on", "a-b", "prod-eu-1", "y"])
NAMES = LABELS | st.sampled_from(["shop.web", "1.5", "0x1f"])
NUMBERS = st.integers(0, 2**31 - 1)
POSITIVE = st.integers(1, 2**31 - 1)
TEXTS = st.sampled_from(["why", "${detect}", "a: b # c", "- x", "'", '"', "ü🙂", "1", "true", "~", "two\nlines", " x "])
RULES = st.sampled_from(["REP-001", "HPA-002", "CAP-010", "OWN-123"])
DAYS = st.dates()
CPU = st.integers(0, 10**6).map(lambda milli: Quantity(milli * 10**6, "decimal"))
MEMORY = st.builds(Quantity, st.integers(0, 2**40).map(lambda n: n * NANO), st.sampled_from(["binary", "decimal"]))
_OPTIONAL_NUMBERS = st.none() | NUMBERS
_OPTIONAL_POSITIVE = st.none() | POSITIVE


def resources() -> st.SearchStrategy[Resources | None]:
    """Requests or limits, or none."""
    memory = st.tuples(st.none() | CPU, MEMORY, st.sampled_from(["mem", "memory"]))
    drawn = st.tuples(CPU, st.none(), st.just("mem")) | memory
    return st.none() | drawn.map(lambda parts: Resources(*parts))


_RULES = st.builds(
    ScalingRules,
    window=NUMBERS,
    select=st.sampled_from([None, "Max", "Min", "Disabled"]),
    policies=st.lists(st.builds(ScalingPolicy, value=NUMBERS, period=NUMBERS), max_size=2).map(tuple),
)
_BEHAVIORS = st.builds(Behavior, st.none() | _RULES, _RULES) | st.builds(Behavior, _RULES, st.none())
HPAS = st.builds(
    Hpa,
    minimum=NUMBERS,
    maximum=POSITIVE,
    target_cpu=_OPTIONAL_POSITIVE,
    target_memory=_OPTIONAL_POSITIVE,
    container=st.none() | LABELS,
    behavior=st.none() | _BEHAVIORS,
).filter(lambda hpa: hpa.target_cpu is not None or hpa.target_memory is not None)
_TRIGGERS = st.builds(
    Trigger,
    type=LABELS,
    name=st.none() | LABELS,
    metric_type=st.sampled_from([None, "AverageValue", "Value", "Utilization"]),
    metadata=st.dictionaries(st.sampled_from(["query", "y", "serverAddress"]), TEXTS).map(lambda one: (*one.items(),)),
    authentication=st.none()
    | st.tuples(st.sampled_from(["TriggerAuthentication", "ClusterTriggerAuthentication"]), NAMES),
)
KEDAS = st.builds(
    Keda,
    minimum=NUMBERS,
    maximum=POSITIVE,
    triggers=st.lists(_TRIGGERS, min_size=1, max_size=2).map(tuple),
    polling=st.none() | st.integers(1, 86_400),
    cooldown=st.none() | st.integers(0, 86_400),
    fallback=st.none() | st.builds(Fallback, st.integers(1, 1000), NUMBERS),
    idle=st.none() | NUMBERS,
    initial_cooldown=st.none() | st.integers(0, 86_400),
    restores=st.none() | st.booleans(),
)


def vpas(container: str | None) -> st.SearchStrategy[Vpa]:
    """A `vpa` block for a container."""
    return st.builds(
        Vpa,
        mode=st.sampled_from(get_args(UpdateMode)),
        minimum=resources(),
        maximum=resources(),
        controlled=st.lists(st.sampled_from(get_args(Resource)), min_size=1, unique=True).map(tuple),
        values=st.sampled_from([None, "RequestsAndLimits", "RequestsOnly"]),
        container=st.just(container),
    )


@st.composite
def _workloads(draw: st.DrawFn, index: int, namespace: str) -> Workload:
    container = draw(st.none() | LABELS)
    return Workload(
        ref=WorkloadRef(draw(st.sampled_from(KINDS)), draw(st.just(namespace) | LABELS), draw(NAMES)),
        route=("workloads", index),
        replicas=draw(NUMBERS),
        parallelism=draw(_OPTIONAL_NUMBERS),
        suspend=draw(st.none() | st.booleans()),
        container=container,
        requests=draw(resources()),
        limits=draw(resources()),
        hpa=draw(st.none() | HPAS),
        vpa=draw(st.none() | vpas(container)),
        keda=draw(st.none() | KEDAS),
        cluster=draw(st.none() | LABELS),
        handover=draw(st.none() | st.builds(Handover, st.sampled_from([*OWNERS.values()]), _OPTIONAL_NUMBERS)),
        allow=draw(st.lists(st.builds(Waiver, RULES, TEXTS, DAYS), max_size=2).map(tuple)),
    )


@st.composite
def requests(draw: st.DrawFn) -> ScaleRequest:
    """A request file's value."""
    namespace = draw(LABELS)
    return ScaleRequest(
        path="requests/shop/web.yaml",
        id="shop/web",
        target=draw(LABELS),
        namespace=namespace,
        autoscaling=draw(st.sampled_from(["hpa", "none"])),
        owner=draw(st.none() | TEXTS),
        reason=draw(st.none() | TEXTS),
        ticket=draw(st.none() | TEXTS),
        created_at=draw(st.none() | st.just("2026-01-31T09:30:00.000Z")),
        workloads=tuple(draw(_workloads(index, namespace)) for index in range(draw(st.integers(1, 2)))),
    )


_THRESHOLDS = st.builds(Threshold, st.integers(0, 10**9).map(Decimal), st.none() | st.integers(0, 10**6).map(Decimal))
_BUDGETS = st.builds(Budget, _THRESHOLDS, _THRESHOLDS | st.just(Threshold()))
_SEVERITIES = st.sampled_from(["error", "warning", "note"])
_STRICTNESSES = _SEVERITIES | st.just("off")
_BOUNDS = st.dictionaries(st.sampled_from(["maximum", "y", "percent"]), NUMBERS)
_SETTINGS = st.builds(Setting, _STRICTNESSES, _BOUNDS, st.sampled_from([None, "error", "warning"]))
_POLICIES = st.builds(
    Policy,
    settings=st.dictionaries(RULES, _SETTINGS, max_size=2),
    own=st.lists(
        st.builds(OwnRule, RULES, _SEVERITIES, when=TEXTS, message=TEXTS, why=TEXTS | st.just(""), fix=TEXTS),
        max_size=2,
    ).map(tuple),
    unwaivable=st.frozensets(RULES, max_size=2),
)
_CLUSTERS = st.builds(
    Cluster,
    name=LABELS,
    context=st.sampled_from(["web", "arn:aws:eks:eu-1:1:cluster/x", "1e9"]),
    wave=st.integers(0, 1000),
    namespaces=st.lists(LABELS, unique=True, max_size=2).map(tuple),
    shared=st.booleans(),
    overlays=st.lists(st.sampled_from(["apps/*/overlays/prod", "*", "1e9"]), unique=True).map(tuple),
)


_PATHS = st.sampled_from(["replicaCount", "server.replicas", "a\\.b.c", "controllers.{release}.replicas"])
_AMOUNT_PATHS = st.fixed_dictionaries({"cpu": _PATHS}, optional={"mem": _PATHS})
_HELM = st.lists(
    st.fixed_dictionaries(
        {"chart": st.sampled_from(["web", "stable/*", "1e9"])},
        optional={
            "workload": st.sampled_from([{"name": "{release}", "container": "app"}, {"kind": "StatefulSet"}]),
            "replicas": _PATHS | st.just(value=False),
            "requests": _AMOUNT_PATHS,
            "limits": _AMOUNT_PATHS,
            "hpa": st.just(value=False) | st.just({"enabled": "hpa.on", "min": "hpa.least", "max": "hpa.most"}),
        },
    ),
    max_size=2,
).map(lambda entries: read_helm(json.loads(json.dumps(entries))))


def targets() -> st.SearchStrategy[Target]:
    """A target file's value."""
    return st.builds(
        Target,
        name=st.just("prod"),
        clusters=st.lists(_CLUSTERS, unique_by=lambda cluster: cluster.name, max_size=3).map(tuple),
        manifests=st.lists(st.sampled_from(["apps", "apps/web", "1e9"]), unique=True).map(tuple),
        policy=_POLICIES,
        max_age=st.integers(1, 99_999) | st.integers(1, 99_999).map(lambda days: days * 24),
        prices=st.sampled_from([None, "opencost-2024-10"]),
        budget=st.none() | _BUDGETS,
        helm=_HELM,
    ).map(lambda target: target if target.manifests else target._replace(helm=()))


_AMOUNTS = st.decimals(0, 10**6, places=12) | st.integers(0, 10**6).map(Decimal)
_PRICES = st.builds(Prices, _AMOUNTS, _AMOUNTS, gpu=st.none() | _AMOUNTS, node=st.none() | _AMOUNTS)


@st.composite
def price_sheets(draw: st.DrawFn) -> PriceSheet:
    """A price sheet's value: a pool has the default's price for what it has none of its own for."""
    default, cluster = draw(_PRICES), draw(LABELS)
    pools = draw(st.dictionaries(st.sampled_from(["general", "1", "spot #2"]), _PRICES))
    filled = {
        name: own._replace(
            gpu=default.gpu if own.gpu is None else own.gpu, node=default.node if own.node is None else own.node
        )
        for name, own in pools.items()
    }
    return PriceSheet(
        name=cluster,
        cluster=cluster,
        effective_from=draw(DAYS),
        currency=draw(st.sampled_from(["USD", "EUR"])),
        hours_per_month=draw(st.integers(1, 744)),
        source=draw(st.just("") | TEXTS),
        default=default,
        pools=tuple(sorted(filled.items())),
    )


_ARGUMENTS = st.one_of(
    st.lists(TEXTS, min_size=1, max_size=3).map(lambda flags: ("plan", *flags)),
    st.just(("publish",)),
    st.sampled_from(["prod", "1e9"]).map(lambda target: ("publish", "--target", target)),
    st.sampled_from(["requests", "requests/shop/web.yaml"]).map(lambda path: ("compile", "--format", "json", path)),
)
_TASKS = st.builds(
    Task,
    name=LABELS,
    arguments=_ARGUMENTS,
    condition=st.none() | st.builds(Condition, st.sampled_from(["NIGHTLY", "on"]), TEXTS),
    seconds=st.integers(1, 86_400),
    may_fail=st.booleans(),
)


def nightlies() -> st.SearchStrategy[tuple[Task, ...]]:
    """The value of ops/nightly.yaml."""
    return st.lists(_TASKS, min_size=1, max_size=3, unique_by=lambda task: task.name).map(tuple)
