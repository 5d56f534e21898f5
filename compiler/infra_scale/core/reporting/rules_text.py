"""The catalogue of rules for people: in a terminal, and as a page."""

from collections.abc import Iterator, Sequence

from infra_scale.core.ruling.catalogue import Entry, Needed

_GROUPS = {
    "AVL": "Availability",
    "CAP": "Capacity",
    "CLU": "Clusters",
    "COST": "Cost",
    "FIL": "Files",
    "FLG": "Flags of `infra-scale plan`",
    "GIT": "Requests against each other",
    "HLM": "Helm charts",
    "HPA": "Autoscaling",
    "KEDA": "KEDA",
    "KIND": "Kinds",
    "LIM": "Limit ranges",
    "MAN": "Manifests",
    "NGT": "Nightly tasks",
    "OWN": "Replica ownership",
    "PLN": "Plans",
    "POL": "Policies",
    "QTY": "Quantities",
    "QUO": "Quotas",
    "REP": "Replicas",
    "RES": "Requests and limits",
    "SCH": "Form",
    "TGT": "Targets",
    "SRV": "Dry run on the API server",
    "VPA": "VerticalPodAutoscalers",
    "WVR": "Waivers",
    "YML": "YAML",
}
_NEEDED: dict[Needed, str] = {
    "snapshot": "a snapshot of the cluster, `infra-scale snapshot CLUSTER`",
    "prices": "prices, a sheet of the cluster or `prices` of the target",
}


def entry_lines(entry: Entry) -> Iterator[str]:
    """The documentation of one rule."""
    yield f"{entry.id}  {entry.severity}"
    yield f"  when    {entry.trigger}"
    yield f"  why     {entry.why}"
    if entry.fix:
        yield f"  fix     {entry.fix}"
    if entry.needs:
        yield f"  needs   {_NEEDED[entry.needs]}"
    for name, bound in entry.thresholds.items():
        yield f"  bound   {name}: {bound}; a target's policy can set another"
    yield f"  source  {entry.source}"


def list_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """One line for each rule."""
    width = max(len(entry.id) for entry in entries)
    yield from (f"{entry.id:<{width}}  {entry.severity:<7}  {entry.trigger}" for entry in entries)


def page(entries: Sequence[Entry]) -> str:
    """The page that findings link to; each rule has an anchor with its id in lower case."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.id.partition("-")[0], []).append(entry)
    parts = [_HEAD]
    for prefix, group in groups.items():
        parts.append(f"\n## {_GROUPS[prefix]}\n")
        parts += (_section(entry) for entry in group)
    return "".join(parts)


_HEAD = """\
# Rules

All findings about requests, targets and plans. `infra-scale explain` shows them in a terminal.
An error refuses the request; a warning is listed under the risks of its plan, a note under its notes.

<!-- Generated from the catalogue by `make golden`. -->
"""


def _section(entry: Entry) -> str:
    fix = f"\n- Fix: {entry.fix}." if entry.fix else ""
    bounds = "".join(f"\n- Threshold: `{name}`, {bound} by default." for name, bound in entry.thresholds.items())
    needs = f"\n- Needs: {_NEEDED[entry.needs]}." if entry.needs else ""
    said = f"- Why: {entry.why}{fix}{needs}{bounds}\n- Source: {entry.source}.\n"
    return f"\n### {entry.id}\n\n{entry.trigger} ({entry.severity})\n\n{said}"
