"""Rules about workloads of Helm charts: the values that a request sets, and what else sets them."""

from collections.abc import Iterator

from infra_scale.core.helm.patching import NewValue, new_values
from infra_scale.core.planning.actions import removed
from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.autoscaler import Hpa
from infra_scale.model.finding import Severity
from infra_scale.model.helm import AmountPaths, ChartWorkload, HpaPaths, Path
from infra_scale.model.names import quoted, target_path
from infra_scale.model.quantity import Resources

_LAYOUT = "infra.scale, docs/how-to-helm.md"
_FEW = 4


def _values(subject: Subject) -> tuple[NewValue, ...]:
    """The values that the request sets."""
    chart = _chart(subject)
    return new_values(subject.workload, subject.request, chart) if chart else ()


def _chart(subject: Subject) -> ChartWorkload | None:
    return subject.base.chart if subject.base else None


def _dotted(path: Path) -> str:
    return ".".join(key.replace(".", "\\.") for key in path)


def _listed(paths: list[str]) -> str:
    shown = [f"`{path}`" for path in paths[:_FEW]]
    more = len(paths) - _FEW
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


@rule(
    "HLM-001",
    "error",
    why="A patch of the workload cannot work: it is not in the build, and the chart would reset it. The values that "
    "the chart reads are not guessed, because Helm ignores a value that no template reads.",
    fix="add the chart to `helm` of the target",
    source="helm, pkg/engine: values without a template that reads them have no effect",
)
def no_entry(subject: Subject) -> Iterator[Hit]:
    """A workload that a HelmRelease of the manifests creates, for which the target has no `helm` entry."""
    absence, ref = subject.absence, subject.workload.ref
    if absence and absence.chart:
        chart, file = absence.chart, target_path(subject.target.name)
        kind = "" if ref.kind == "Deployment" else f", workload: {{kind: {ref.kind}}}"
        if chart == "app-template":
            kind = ', workload: {name: "{release}", container: …}, under: …, hpa: false'
        message = (
            f"HelmRelease/{absence.release} creates {ref} from chart {chart}, for which {file} has no `helm` entry."
        )
        help = (
            f"add `- {{chart: {chart}{kind}}}` to `helm` in {file}, with the paths of the values if the chart does not "
        )
        yield Hit(message, ("name",), help=f"{help}read those that `helm create` writes")


@rule(
    "HLM-002",
    "warning",
    why="Helm ignores a value that no template reads, unless the chart has a schema that forbids it: the plan would "
    "change nothing.",
    fix="check that the chart reads the value; name its path in `helm` of the target",
    source="helm, pkg/chart/common/util: values are merged whatever their keys",
)
def unset_path(subject: Subject) -> Iterator[Hit]:
    """A value of a request at a path that Git never sets. An error if the defaults of the chart are in Git."""
    chart = _chart(subject)
    if chart is None:
        return
    unset = [one for one in _values(subject) if one.to is not False and _is_unset(chart, one.path)]
    for key in dict.fromkeys(one.of for one in unset):
        paths = [_dotted(one.path) for one in unset if one.of == key]
        severity: Severity = "note" if chart.entry.is_explicit else "warning"
        message = f"the values in Git do not set {_listed(paths)} of chart {chart.chart}: it may not read it."
        if chart.has_chart_in_git and not _is_optional(chart, unset, key):
            severity, message = "error", f"chart {chart.chart} has no {_listed(paths)} among its values."
        yield Hit(message, (key,), severity)


def _is_unset(chart: ChartWorkload, path: Path) -> bool:
    found = chart.value(path)
    return found is not None and not (found.file or found.unknown or found.has_map)


def _is_optional(chart: ChartWorkload, unset: list[NewValue], key: str) -> bool:
    """Whether charts read these values without a default: amounts in a map, and a target of `helm create`."""
    hpa = chart.entry.hpa
    metrics = (hpa.target_cpu, hpa.target_memory) if hpa else ()
    targets = {one.path for one in metrics if one}
    return all(key in ("requests", "limits") or one.path in targets for one in unset if one.of == key)


@rule(
    "HLM-003",
    "error",
    why="A stronger source of values wins over ours, so the plan would change nothing.",
    fix="remove the value there",
    source="helm-controller, docs/spec/v2/helmreleases.md: values",
)
def overridden(subject: Subject) -> Iterator[Hit]:
    """A value of a request that `targetPath`, an Application or a later overlay sets as well."""
    chart = _chart(subject)
    for one in _values(subject) if chart else ():
        for stronger in chart.stronger if chart else ():
            if stronger.path == one.path:
                message = f"{stronger.what} overrides `{_dotted(one.path)}` of {subject.workload.ref}."
                yield Hit(message, (one.of,))
    yield from _of_kind(subject, "overridden")


def _of_kind(subject: Subject, kind: str) -> Iterator[Hit]:
    for fault in subject.faults:
        if fault.kind == kind:
            yield Hit(f"{fault.what}.", (fault.key,), help=fault.fix)


@rule(
    "HLM-004",
    "error",
    why="A value has one place in the values of a release, so it cannot have two numbers.",
    fix="give each workload its own paths, and each workload of a chart one entry",
    source=_LAYOUT,
)
def contradicting(subject: Subject) -> Iterator[Hit]:
    """One path with different values, or two entries for one workload of a release."""
    chart, ref = _chart(subject), subject.workload.ref
    yield from _of_kind(subject, "contradicts")
    if chart is None:
        return
    if chart.rivals:
        message = f"{chart.rivals + 1} entries of `helm` in {target_path(subject.target.name)} are for {ref}."
        yield Hit(message, ("name",))
    mine = {one.path: one for one in _values(subject)}
    for one in _values(subject):
        if mine[one.path].to != one.to:
            yield Hit(f"`{_dotted(one.path)}` would be {one.to} and {mine[one.path].to}.", (one.of,))


@rule(
    "HLM-005",
    "error",
    why="What the values of the chart cannot express would be lost without a word.",
    fix="remove it from the request, or name its path in `helm` of the target",
    source=_LAYOUT,
)
def not_expressible(subject: Subject) -> Iterator[Hit]:
    """A setting for which the chart has no value: a container, a target, an amount, a value inside a list."""
    chart, workload = _chart(subject), subject.workload
    if chart is None:
        return
    for key, what in _missing(subject, chart):
        yield Hit(f"chart {chart.chart} has no value for {what} of {workload.ref}.", (key,))
    if workload.container and workload.container != chart.entry.container and (workload.requests or workload.limits):
        message = (
            f"the `helm` entry is for container {chart.entry.container} of {workload.ref}, not {workload.container}."
        )
        yield Hit(message, ("container",))
    for one in _values(subject):
        found = chart.value(one.path)
        if found and found.is_list:
            where = quoted(found.file, "a values file")
            yield Hit(f"`{_dotted(one.path)}` is not a single value in {where}: it cannot be set.", (one.of,))
    if workload.replicas == 0 and chart.entry.replicas and not subject.is_autoscaled:
        message = f"a chart that reads `replicas | default 1` turns the 0 of {workload.ref} into 1."
        yield Hit(message, ("replicas",), "warning", "check the pods after the upgrade")


def _missing(subject: Subject, chart: ChartWorkload) -> Iterator[tuple[str, str]]:
    """Each key of the request without a value, and what it sets."""
    workload, entry = subject.workload, chart.entry
    if workload.replicas is not None and not subject.is_autoscaled and entry.replicas is None:
        yield "replicas", "the replicas"
    yield from _amounts("requests", workload.requests, entry.requests)
    yield from _amounts("limits", workload.limits, entry.limits)
    if subject.hpa and entry.hpa:
        yield from _metrics(subject.hpa, entry.hpa)
    if workload.vpa:
        yield "vpa", "a VPA"


def _amounts(key: str, wanted: Resources | None, paths: AmountPaths) -> Iterator[tuple[str, str]]:
    if wanted and wanted.cpu is not None and paths.cpu is None:
        yield key, f"{key}.cpu"
    if wanted and wanted.memory is not None and paths.memory is None:
        yield key, f"{key}.memory"


def _metrics(hpa: Hpa, paths: HpaPaths) -> Iterator[tuple[str, str]]:
    if hpa.target_cpu is not None and paths.target_cpu is None:
        yield "hpa", "a CPU target"
    if hpa.target_memory is not None and paths.target_memory is None:
        yield "hpa", "a memory target in percent"
    if hpa.container is not None or hpa.behavior is not None:
        yield "hpa", "the behavior or the container of an HPA"


@rule(
    "HLM-006",
    "warning",
    why="A chart with autoscaling renders no replicas, so the upgrade sets the default, 1, and the HPA starts from "
    "there: for minutes one pod takes all of the load.",
    fix="add `handover: {from: replicas}` for the steps that keep the count",
    source="helm, pkg/kube: the field leaves the manifest; Kubernetes API: the default of spec.replicas is 1",
)
def drops_to_one(subject: Subject) -> Iterator[Hit]:
    """An HPA for a chart whose autoscaling is off in Git, without `handover`."""
    chart, workload, base = _chart(subject), subject.workload, subject.base
    if chart is None or base is None or not subject.hpa or not chart.entry.hpa or workload.handover or base.hpas:
        return
    if base.replicas is None or base.replicas > 1:
        count = "the running count" if base.replicas is None else base.replicas
        message = (
            f"{workload.ref} goes from {count} to 1 and then to {subject.hpa.minimum} pods when the upgrade arrives."
        )
        yield Hit(message, ("hpa",))


@rule(
    "HLM-008",
    "error",
    why="The chart renders replicas at each upgrade and resets the count of the autoscaler.",
    fix="request fixed replicas; or name the values of the chart's own autoscaler in `helm` of the target",
    source="helm 4, server-side apply: conflict over .spec.replicas",
)
def keeps_rendering_replicas(subject: Subject) -> Iterator[Hit]:
    """An HPA or a ScaledObject for a chart that has no autoscaler of its own, and renders replicas."""
    chart, ref = _chart(subject), subject.workload.ref
    if chart is None or removed(subject.workload, subject.request) == "vpa":
        return
    if subject.hpa and chart.entry.hpa is None:
        yield Hit(f"chart {chart.chart} has no autoscaler and keeps rendering the replicas of {ref}.", ("hpa",))
    if subject.keda:
        yield Hit(f"chart {chart.chart} keeps rendering the replicas of {ref} beside a ScaledObject.", ("keda",))
