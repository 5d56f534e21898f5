"""Compile one request: a pure function of its file, its target and the manifests."""

from collections.abc import Iterable, Iterator

from infra_scale.core.compiling.base_policy import of_base, strictest
from infra_scale.core.compiling.compiled import CompiledRequest
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
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.model.target import Target


def compile_request(reading: Reading, environment: Environment) -> CompiledRequest:
    """Compile a request file: pure findings, plan, generated files."""
    is_selected = environment.scope.has_request(reading.path, reading.target)
    request = reading.request
    if request is None:
        return CompiledRequest(
            reading.path, is_selected, frozenset(reading.located(reading.aimed_at(environment.targets.by_name)))
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
        strictest(reading.located(found)),
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
    """The autoscalers of the committed plan.yaml that a request does not ask for any more; another one may."""
    if committed is not None:
        kept, path = kept_scalers([request]), plan_path(plan_folder(request.target, request.id))
        before = Source(path, committed, len(committed))
        for scaler in planned_scalers(before, target=request.target, request=request.path):
            if scaler.key not in kept:
                yield scaler


def _of_others(
    reading: Reading, request: ScaleRequest, target: Target | None, environment: Environment
) -> CompiledRequest:
    """What has to be known of a request that is not selected; whether rules refuse it, a run that selects it finds."""
    made = CompiledRequest(
        reading.path,
        is_selected=False,
        findings=frozenset(reading.located(reading.findings)),
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
    """The assessment of a request; one whose target is not known is judged by the rules alone."""
    one = environment.aimed(request)
    known = RuleContext(one.bases, environment.manifests)
    result = assess(request, one.target, rules=environment.rules.get(request.target), known=known)
    if environment.targets.of(request) is None:
        return Assessed(None, tuple(_certain(result.findings, request, environment.targets)))
    return result


def _by_base(request: ScaleRequest, target: Target, environment: Environment) -> Iterator[Finding]:
    for judged, judge in environment.judgements(request, target):
        known = RuleContext(environment.aimed(request).bases, environment.manifests)
        yield from of_base(assess(request, judged, known=known).findings, judge)


def _certain(findings: Iterable[Finding], request: ScaleRequest, targets: Targets) -> Iterator[Finding]:
    """What can be said although the target is not known: it may have rules of its own that are waived.

    What a refused target would have made of a warning or a note is not known either.
    """
    for finding in findings:
        is_lenient = finding.severity != "error" and request.target in targets.invalid
        if not finding.rule.startswith("WVR-") and not is_lenient:
            yield finding
