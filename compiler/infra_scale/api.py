"""The public Python interface: load a request, compile it, look at its plan and findings, render it.

Everything here is typed and stable; other modules of the package may change between versions. `Finding`, `ScalePlan`,
`ScaleRequest` and `Target` are immutable values whose fields are documented in `infra_scale.model`.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import clock, files
from infra_scale.adapters.environment import environment
from infra_scale.core.documents.plan_writer import plan_yaml
from infra_scale.core.documents.source import Reading, read_source
from infra_scale.core.evaluation.assessment import assess, reassess
from infra_scale.core.evaluation.rules import rules_in_force
from infra_scale.core.forecast.demands import TargetedRequest
from infra_scale.core.reading.files import request_files
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.reporting.summary import summary
from infra_scale.core.ruling.context import NO_CONTEXT
from infra_scale.core.schema.catalogue import REQUEST
from infra_scale.errors import InfraScaleError
from infra_scale.model.finding import Finding
from infra_scale.model.names import REQUESTS
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.model.target import Cluster, Target

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
    reading = read_source(sources[0], schema=files.schema_text(REQUEST))
    return Loaded(None if reading.findings else reading.request, reading.findings, reading)


def compile_request(loaded: Loaded, *, target: Target | None = None, today: date | None = None) -> Compiled:
    """Plan a loaded request by itself, for a target whose clusters may be unknown.

    A waiver that ended before `today` (default: the current day in UTC) allows nothing.
    Conflicts with other requests are a matter of the whole repository: `infra-scale compile` looks for them.
    """
    if loaded.reading is None or loaded.reading.request is None:
        return Compiled(None, loaded.findings)
    request = loaded.reading.request
    day = today or clock.now(environment().source_date_epoch).date()
    aim = target or Target(request.target, ())
    assessed = assess(request, aim)
    aimed = TargetedRequest(request, aim, {})
    rules = rules_in_force(aim.policy, fails_closed=True)
    errors = [finding for finding in assessed.findings if finding.severity == "error"]
    found = dict.fromkeys((*errors, *reassess(aimed, assessed.plan, rules=rules, known=NO_CONTEXT, today=day)))
    located = [*loaded.findings, *map(loaded.reading.locate, found)]
    findings = tuple(sorted(located, key=lambda finding: finding.order))
    if any(finding.severity == "error" for finding in findings):
        return Compiled(None, findings)
    return Compiled(assessed.plan, findings)


def render_plan(plan: ScalePlan) -> str:
    """The text of plan.yaml."""
    return plan_yaml(plan)


def render_summary(plan: ScalePlan) -> str:
    """The text of SUMMARY.md."""
    return summary(plan)
