"""Compile one request: a pure function of its file, its target and the manifests."""

from collections.abc import Iterable, Iterator

from infra_scale.core.compiling.base_policy import of_base, strictest
from infra_scale.core.compiling.built import build_faults, without_stranded
from infra_scale.core.compiling.compiled import CompiledRequest
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.documents.header import is_release_part
from infra_scale.core.documents.planned_scalers import PlannedScaler, planned_scalers
from infra_scale.core.documents.request import Reading
from infra_scale.core.documents.target import Targets
from infra_scale.core.evaluation.assessment import Assessed, assess, assess_builds, is_accepted
from infra_scale.core.generated.namespaces import components_of, folders_of
from infra_scale.core.generated.tree import plan_path, render
from infra_scale.core.planning.conflicts import claims
from infra_scale.core.planning.plan import stated
from infra_scale.core.render.components import rendered
from infra_scale.core.rules.orphaned_autoscalers import kept_scalers
from infra_scale.core.ruling.catalogue import RuleContext
from infra_scale.model.finding import Finding, has_error
from infra_scale.model.manifest import Faults
from infra_scale.model.names import plan_folder
from infra_scale.model.request import ScaleRequest
from infra_scale.model.scope import Scope
from infra_scale.model.source import Source
from infra_scale.model.target import TargetedRequest

_UNASSESSED = Assessed(None, ())


def compile_request(reading: Reading, environment: Environment) -> CompiledRequest:
    """Compile a request file: pure findings, plan, generated files."""
    request = reading.request
    targets, scope = environment.targets, environment.scope
    is_selected = scope.has_request(reading.path, reading.target)
    if request is None:
        return CompiledRequest(reading.path, is_selected, frozenset(reading.located(reading.aimed_at(targets.by_name))))
    aimed = environment.aimed(request)
    is_known = targets.of(request) is not None
    # Rules about a request that is out of scope are left to the run that selects it.
    assessed = _assessed(aimed, environment, is_selected=is_selected) if scope.has_path(reading.path) else _UNASSESSED
    made = CompiledRequest(
        reading.path,
        is_selected,
        strictest(reading.located((*reading.findings, *assessed.findings))),
        namespaces=frozenset(folders_of(aimed)),
        claims=claims(request, aimed.target),
    )
    if not is_known or made.is_refused:
        return made
    refused, made = made, made._replace(folder=plan_folder(request.target, request.id))
    if assessed is _UNASSESSED:
        return made._replace(components=tuple(components_of(aimed)), parts=_parts(aimed))
    if not is_selected or assessed.plan is None:
        return made
    plan, files = assessed.plan, rendered(assessed.plan, aimed) | _parts(aimed)
    if environment.manifests is not None:
        files = without_stranded(aimed, files, environment.manifests)
        builds = build_faults(aimed, files, environment.manifests)
        found = assess_builds(request, aimed.target, builds, rules=environment.rules.get(request.target))
        of_base = _builds_by_base(aimed, environment, builds)
        findings = strictest((*made.findings, *reading.located((*found, *of_base))))
        made, refused = (one._replace(findings=findings, builds=builds) for one in (made, refused))
        if refused.is_refused:
            return refused
        made = made._replace(parts={path: files[path] for path in files if is_release_part(path)})
        plan = plan._replace(findings=(*plan.findings, *stated(found, request)))
    return made._replace(plan=plan, files=render(plan) | files)


def _parts(aimed: TargetedRequest) -> dict[str, bytes]:
    """The values of its workloads of Helm releases."""
    if not any(base and base.chart for base in aimed.bases.values()):
        return {}
    from infra_scale.core.render.releases import release_parts  # noqa: PLC0415 (only for repositories with charts)

    return release_parts(aimed)


def is_refused(reading: Reading, environment: Environment) -> bool:
    """Whether a request has an error of its own, as its `compile_request` reports it, in scope or not."""
    request = reading.request
    if request is None or environment.targets.of(request) is None or has_error(reading.findings):
        return True
    aimed = environment.aimed(request)
    context = RuleContext(aimed.bases, environment.manifests)
    if not is_accepted(request, aimed.target, rules=environment.rules[request.target], context=context):
        return True
    of_base = environment.judgements(request, aimed.target)
    if any(not is_accepted(request, judged, context=context) for judged, _ in of_base):
        return True
    # What its Components break is known only once they are rendered.
    is_built = bool(aimed.target.clusters) or any(base and base.chart for base in aimed.bases.values())
    has_manifests = environment.manifests is not None and bool(aimed.target.manifests)
    return has_manifests and is_built and compile_request(reading, environment._replace(scope=Scope())).is_refused


def orphaned_scalers(request: ScaleRequest, committed: bytes | None) -> Iterator[PlannedScaler]:
    """The autoscalers of the committed plan.yaml that the request no longer has; another request may have them."""
    if committed is not None:
        kept, path = kept_scalers([request]), plan_path(plan_folder(request.target, request.id))
        before = Source(path, committed, len(committed))
        for scaler in planned_scalers(before, target=request.target, request=request.path):
            if scaler.key not in kept:
                yield scaler


def _assessed(aimed: TargetedRequest, environment: Environment, *, is_selected: bool) -> Assessed:
    """The assessment of a request; without a known target, only the rules apply."""
    request = aimed.request
    targets = environment.targets
    context = RuleContext(aimed.bases, environment.manifests)
    plan, findings = assess(request, aimed.target, rules=environment.rules.get(request.target), context=context)
    of_target = targets.unknown(request)
    if targets.of(request) is None:
        return Assessed(None, (*_certain(findings, request, targets), *of_target))
    by_base: list[Finding] = []
    for judged, judge in environment.judgements(request, aimed.target) if is_selected else ():
        by_base += of_base(assess(request, judged, context=context).findings, judge)
    return Assessed(plan, (*findings, *of_target, *by_base))


def _builds_by_base(aimed: TargetedRequest, environment: Environment, builds: Faults) -> Iterator[Finding]:
    if builds:
        for judged, judge in environment.judgements(aimed.request, aimed.target):
            yield from of_base(assess_builds(aimed.request, judged, builds), judge)


def _certain(findings: Iterable[Finding], request: ScaleRequest, targets: Targets) -> Iterator[Finding]:
    """Findings that are valid without a known target: it may have custom rules that a waiver names.

    An invalid target could also have changed warnings and notes, so these are omitted as well.
    """
    for finding in findings:
        is_lenient = finding.severity != "error" and request.target in targets.invalid
        if not finding.rule.startswith("WVR-") and not is_lenient:
            yield finding
