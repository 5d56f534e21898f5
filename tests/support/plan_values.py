"""Any ScalePlan, as hypothesis draws it: what a request can be planned as, and nothing else."""

from collections.abc import Sequence
from typing import get_args

from hypothesis import strategies as st

from infra_scale.model.action import (
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.finding import Finding, Severity, Waiver
from infra_scale.model.ownership import Consequence, HandoverStep, Ownership, Phase, Transfer
from infra_scale.model.plan import PlanMetadata, ScalePlan
from infra_scale.model.quantity import Resources
from infra_scale.model.request import OWNERS
from infra_scale.model.workload import BATCH, KINDS, Cluster, WorkloadRef
from support.formats import CPU, DAYS, HPAS, KEDAS, LABELS, MEMORY, NAMES, NUMBERS, RULES, TEXTS, vpas

_REFS = st.builds(WorkloadRef, st.sampled_from(KINDS), LABELS, NAMES)
_TOUCHED = st.sampled_from(["replicas", "hpa", "keda"])
_STATED = st.none() | TEXTS
_SOME = st.tuples(CPU, st.none() | MEMORY).map(lambda one: Resources(*one))


def _plain(resources: Resources | None) -> Resources | None:
    return resources and resources.canonical


@st.composite
def _actions(draw: st.DrawFn, clusters: Sequence[Cluster | None]) -> Action:
    ref, cluster = draw(_REFS), draw(st.sampled_from(clusters))
    vpa = draw(vpas(draw(st.none() | LABELS)))
    job = WorkloadRef(draw(st.sampled_from(BATCH)), ref.namespace, ref.name)
    before = draw(st.none() | NUMBERS)
    container = draw(st.none() | LABELS)
    actions: list[Action] = [
        ScaleWorkload(ref, draw(NUMBERS), cluster, before),
        ScaleJob(job, draw(NUMBERS), draw(st.none() | st.booleans()), cluster),
        UpdateResources(ref, container, draw(_SOME), draw(st.none() | _SOME), cluster, draw(st.booleans())),
        ApplyHpa(ref, draw(HPAS.filter(lambda hpa: hpa.minimum > 0)), cluster),
        ApplyVpa(ref, vpa._replace(minimum=_plain(vpa.minimum), maximum=_plain(vpa.maximum)), cluster),
        ApplyKeda(ref, draw(KEDAS), cluster),
        RemoveAutoscaler(ref, draw(st.sampled_from(["hpa", "vpa", "keda"])), cluster),
    ]
    return draw(st.sampled_from(actions))


_STEPS = st.builds(HandoverStep, st.sampled_from(get_args(Phase)), TEXTS, _STATED, _STATED)
_OWNERSHIPS = st.builds(Ownership, _REFS, _TOUCHED | st.just("unknown"), _TOUCHED, st.none() | LABELS)


def _findings(path: str) -> st.SearchStrategy[Finding]:
    waiver = st.none() | st.builds(Waiver, RULES, TEXTS, DAYS)
    severities: list[Severity] = ["warning", "note"]
    drawn = st.tuples(RULES, st.sampled_from(severities), TEXTS, st.none() | _REFS, waiver)
    return drawn.map(
        lambda one: Finding(
            one[0], one[1], one[2], path, workload=one[3], waiver=one[4] and one[4]._replace(rule=one[0])
        )
    )


@st.composite
def plans(draw: st.DrawFn) -> tuple[ScalePlan, tuple[Cluster, ...]]:
    """A plan, and the clusters of its target."""
    contexts = st.sampled_from(["eu", "us", "arn:aws:eks:eu-1:1:cluster/x"])
    cluster = st.builds(Cluster, LABELS, contexts, st.integers(0, 9), st.just(()), st.booleans())
    clusters = draw(st.lists(cluster, unique_by=lambda one: one.context, max_size=2))
    places: list[Cluster | None] = [*clusters] or [None]
    actions = draw(st.lists(_actions(places), max_size=3))
    request = draw(st.sampled_from(["", "shop/web"]))
    path = request and f"requests/{request}.yaml"
    stated = draw(st.tuples(_STATED, _STATED, _STATED, st.sampled_from([None, "2026-01-31T09:30:00.000Z"])))
    transfer = st.builds(
        Transfer,
        _REFS,
        st.sampled_from([*OWNERS]),
        TEXTS,
        st.lists(_STEPS, min_size=1, max_size=2).map(tuple),
        st.sampled_from(places),
    )
    plan = ScalePlan(
        metadata=PlanMetadata(draw(LABELS), request, path, *stated),
        namespace=draw(LABELS),
        autoscaling=draw(st.sampled_from(["hpa", "none"])),
        kube_context=clusters[0].context if clusters else None,
        actions=tuple(actions),
        rollback_hints=draw(st.lists(TEXTS, max_size=2).map(tuple)),
        preparations=draw(st.lists(TEXTS, max_size=2).map(tuple)),
        consequences=tuple(Consequence(one.ref, draw(TEXTS), one.cluster) for one in actions),
        findings=draw(st.lists(_findings(path), max_size=2).map(tuple)),
        ownership=draw(st.lists(_OWNERSHIPS, max_size=2).map(tuple)),
        transfers=draw(st.lists(transfer, max_size=2).map(tuple)),
    )
    return plan, tuple(clusters)
