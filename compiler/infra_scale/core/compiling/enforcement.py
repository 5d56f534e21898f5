"""Apply the policies of the base to a change, in addition to its own."""

from collections.abc import Iterable, Iterator

from infra_scale.core.compiling.base_policy import judged_by, judges
from infra_scale.core.compiling.environment import Environment
from infra_scale.model.finding import Finding
from infra_scale.model.names import target_path
from infra_scale.model.position import Position
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target

_GRAVITY = ("error", "warning", "note")
_Key = tuple[str, str, Position | None, str]


def judgements(request: ScaleRequest, target: Target, environment: Environment) -> Iterator[tuple[Target, Target]]:
    """The target with each different policy of the base that applies to a request, and the source of that policy."""
    if environment.base is None or environment.touch is None:
        return
    if environment.touch.beyond_policy(request.path, target.name):
        for judge in judges(target, environment.base):
            judged = judged_by(target, judge)
            if judged != target:
                yield judged, judge


def of_base(findings: Iterable[Finding], judge: Target) -> Iterator[Finding]:
    """Findings by a policy of the base, with a help text that names it; unused waivers there are not reported."""
    where = f"the policy of the base decides ({target_path(judge.name)} there)"
    for finding in findings:
        if finding.rule != "WVR-002":
            yield finding._replace(help=f"{finding.help}; {where}" if finding.help else where)


def strictest(findings: Iterable[Finding]) -> frozenset[Finding]:
    """Each finding once, with its strictest severity."""
    kept: dict[_Key, Finding] = {}
    for finding in sorted(findings, key=_leniency):
        kept.setdefault((finding.rule, finding.path, finding.position, finding.message), finding)
    return frozenset(kept.values())


def _leniency(finding: Finding) -> tuple[int, bool]:
    return _GRAVITY.index(finding.severity), finding.waiver is not None
