"""The public Python interface: load a request, compile it, look at its plan and findings, render it.

Everything here is typed and stable; other modules of the package may change between versions. `Finding`, `ScalePlan`,
`ScaleRequest` and `Target` are immutable values whose fields are documented in `infra_scale.model`.
"""

from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import clock, files
from infra_scale.adapters.environment import environment
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.compiling.context import Facts
from infra_scale.core.compiling.environment import environment_of, read_environment
from infra_scale.core.compiling.request import compile_request as compiled
from infra_scale.core.compiling.world import read_world, shown
from infra_scale.core.documents.plan import write_plan
from infra_scale.core.documents.request import Reading, read_request
from infra_scale.core.documents.target import Targets
from infra_scale.core.reading.files import request_files
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.reporting.summary import summary
from infra_scale.core.schema.catalogue import REQUEST
from infra_scale.errors import InfraScaleError
from infra_scale.model.finding import Finding, has_error
from infra_scale.model.names import REQUESTS
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster
from infra_scale.usecases.environment import context_of, facts_of

__all__ = [
    "Cluster",
    "Compiled",
    "Finding",
    "InfraScaleError",
    "Loaded",
    "ScalePlan",
    "ScaleRequest",
    "Target",
    "compile_request",
    "finding_text",
    "load_request",
    "parse_request",
    "render_plan",
    "render_summary",
]


class Loaded(NamedTuple):
    """A request file, read."""

    request: ScaleRequest | None
    """The request; None when `findings` has an error."""
    findings: tuple[Finding, ...]
    """Faults of form (FIL-, YML-, SCH-, QTY-), each with its position; all of them errors."""
    reading: Reading | None
    """How its values are found again in the text; for `compile_request`."""


class Compiled(NamedTuple):
    """What a request compiles to."""

    plan: ScalePlan | None
    """The plan; None when `findings` has an error."""
    findings: tuple[Finding, ...]
    """Everything that was found, with positions, in the order of the file."""


def load_request(path: str, *, root: str | Path = ".") -> Loaded:
    """Read the request file `path` (`requests/….yaml`, from `root`).

    Raises InfraScaleError when the disk refuses, and ValueError as `parse_request` does.
    """
    return parse_request(files.read_bytes(Path(root) / path), path=path)


def parse_request(content: str | bytes, *, path: str = f"{REQUESTS}/request.yaml") -> Loaded:
    """Read a request from a text; `path` gives the request its id. Never raises on any content.

    Raises ValueError when `path` does not end in .yaml or .yml.
    """
    encoded = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    sources, misnamed = request_files([Source(path, encoded, len(encoded))])
    if not sources and not misnamed:
        raise ValueError(path)
    if not sources:
        return Loaded(None, misnamed, None)
    reading = read_request(sources[0], schema=files.schema_text(REQUEST))
    return Loaded(None if reading.findings else reading.request, reading.findings, reading)


def compile_request(
    loaded: Loaded, *, target: Target | None = None, root: str | Path | None = None, today: date | None = None
) -> Compiled:
    """Compile a loaded request by itself; findings are those of `infra-scale validate` about the same file.

    Its target is `target`, whose clusters may be unknown, or that of the repository at `root`, with its manifests,
    snapshots and prices. A waiver that ended before `today` (default: the current day in UTC) allows
    nothing. Conflicts with other requests, and capacity that they share, are computed by `infra-scale validate` only.
    """
    reading = loaded.reading
    if reading is None:
        return Compiled(None, loaded.findings)
    now = clock.now(environment().source_date_epoch)
    every = [reading]
    if root is None:
        known = {reading.target or "": target} if target else {}
        around = environment_of(Targets(known, frozenset(), is_open=target is None))
        facts = Facts(today or now.date())
    else:
        with closing(WorkTree(Path(root))) as tree:
            context = context_of(tree)
            at = datetime.combine(today, time.min, UTC) if today else now
            facts = facts_of(tree, context.targets, now=at, by_clock=not today)
        around = read_environment(context)
    one = compiled(reading, around)
    found = shown(one, reading, read_world(facts, around, lambda: every)).findings
    findings = tuple(sorted(found, key=lambda finding: finding.order))
    return Compiled(None if has_error(findings) else one.plan, findings)


def render_plan(plan: ScalePlan) -> str:
    """The text of plan.yaml."""
    return write_plan(plan)


def render_summary(plan: ScalePlan) -> str:
    """The text of SUMMARY.md."""
    return summary(plan)
