"""Compile one request: a pure function of its file, its target and the manifests."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.compiling.enforcement import judgements, of_base, strictest
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.documents.planned_scalers import PlannedScaler, planned_scalers
from infra_scale.core.documents.request import Reading
from infra_scale.core.documents.target import Targets
from infra_scale.core.evaluation.assessment import Assessed, assess
from infra_scale.core.generated.namespaces import components_of, folders_of
from infra_scale.core.generated.tree import plan_path, render
from infra_scale.core.planning.conflicts import claims
from infra_scale.core.render.components import rendered
from infra_scale.core.rules.orphaned_autoscalers import kept_scalers
from infra_scale.core.ruling.context import RuleContext
from infra_scale.model.finding import Finding
from infra_scale.model.names import plan_folder
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.model.target import Target

_NO_FILES: Mapping[str, bytes] = {}


class CompiledRequest(NamedTuple):
    """The result of compiling one request by itself."""

    path: str
    is_selected: bool
    findings: frozenset[Finding]
    """The pure findings, each with its position."""
    folder: str | None = None
    """The folder of its plan; None if it is refused or its target is unknown."""
    plan: ScalePlan | None = None
    """None if `folder` is None, or if the request is not selected."""
    files: Mapping[str, bytes] = _NO_FILES
    """The files of `plan`."""
    namespaces: frozenset[str] = frozenset()
    """The folders of the namespaces in its readable part."""
    claims: tuple[int, ...] = ()
    """Objects that no other request may claim."""
    components: tuple[tuple[str, str], ...] = ()
    """Namespace and name of its Components, if another shard of the run renders them."""

    @property
    def is_refused(self) -> bool:
        """Whether it has an error of its own."""
        return any(finding.severity == "error" for finding in self.findings)


def compile_request(reading: Reading, environment: Environment) -> CompiledRequest:
    """Compile a request file: pure findings, plan, generated files."""
    is_selected = environment.scope.has_request(reading.path, reading.target)
    request = reading.request
    if request is None:
        return CompiledRequest(
            reading.path, is_selected, frozenset(located(reading.aimed_at(environment.targets.by_name), reading))
        )
    target = environment.targets.of(request)
    if not environment.scope.has_path(reading.path):
        return _of_others(reading, request, target, environment)
    assessed = _assessed(request, environment)
    found = [*reading.findings, *assessed.findings, *environment.targets.unknown(request)]
    if target and is_selected:
        found += _by_base(request, target, environment)
    made = CompiledRequest(
        reading.path,
        is_selected,
        strictest(located(found, reading)),
        namespaces=frozenset(folders_of(request, environment.targets.by_name)),
        claims=claims(request, _known(request, environment.targets)),
    )
    if target is None or made.is_refused:
        return made
    made = made._replace(folder=plan_folder(target.name, request.id))
    if not is_selected or assessed.plan is None:
        return made
    files = render(assessed.plan) | rendered(request, assessed.plan, target, assessed.bases)
    return made._replace(plan=assessed.plan, files=files)


def lost_scalers(request: ScaleRequest, committed: bytes | None) -> Iterator[PlannedScaler]:
    """The autoscalers of the committed plan.yaml that the request no longer has; another request may have them."""
    if committed is not None:
        kept, path = kept_scalers([request]), plan_path(plan_folder(request.target, request.id))
        before = Source(path, committed, len(committed))
        for scaler in planned_scalers(before, target=request.target, request=request.path):
            if scaler.key not in kept:
                yield scaler


def located(findings: Iterable[Finding], reading: Reading) -> Iterator[Finding]:
    """Findings with their positions in the request."""
    return (reading.locate(finding) if finding.path == reading.path else finding for finding in findings)


def _of_others(
    reading: Reading, request: ScaleRequest, target: Target | None, environment: Environment
) -> CompiledRequest:
    """The data about a request that is not selected. Its rules are checked by a run that selects it."""
    made = CompiledRequest(
        reading.path,
        is_selected=False,
        findings=frozenset(located(reading.findings, reading)),
        namespaces=frozenset(folders_of(request, environment.targets.by_name)),
        claims=claims(request, _known(request, environment.targets)),
    )
    if target is None or made.is_refused:
        return made
    return made._replace(folder=plan_folder(target.name, request.id), components=tuple(components_of(request, target)))


def _known(request: ScaleRequest, targets: Targets) -> dict[str, Target]:
    target = targets.of(request)
    return {target.name: target} if target else {}


def _assessed(request: ScaleRequest, environment: Environment) -> Assessed:
    """The assessment of a request; without a known target, only the rules apply."""
    one = environment.aimed(request)
    known = RuleContext(one.bases, environment.manifests)
    result = assess(request, one.target, rules=environment.rules.get(request.target), known=known)
    if environment.targets.of(request) is None:
        return Assessed(None, tuple(_certain(result.findings, request, environment.targets)))
    return result


def _by_base(request: ScaleRequest, target: Target, environment: Environment) -> Iterator[Finding]:
    for judged, judge in judgements(request, target, environment):
        known = RuleContext(environment.aimed(request).bases, environment.manifests)
        yield from of_base(assess(request, judged, known=known).findings, judge)


def _certain(findings: Iterable[Finding], request: ScaleRequest, targets: Targets) -> Iterator[Finding]:
    """Findings that are valid without a known target: it may have custom rules that a waiver names.

    An invalid target could also have changed warnings and notes, so these are omitted as well.
    """
    for finding in findings:
        is_lenient = finding.severity != "error" and request.target in targets.invalid
        if not finding.rule.startswith("WVR-") and not is_lenient:
            yield finding
