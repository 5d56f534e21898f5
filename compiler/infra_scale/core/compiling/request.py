"""What becomes of one request, whatever becomes of the others: a pure function of its file and of what is around it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.compiling.enforcement import enforced, strictest
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.documents.planned_scalers import PlannedScaler, planned_scalers
from infra_scale.core.documents.request import Reading
from infra_scale.core.documents.target import Targets
from infra_scale.core.evaluation.assessment import Assessed, assess
from infra_scale.core.evaluation.waivers import expired
from infra_scale.core.forecast.request import forecast
from infra_scale.core.generated.namespaces import components_of, folders_of
from infra_scale.core.generated.tree import plan_path, render
from infra_scale.core.planning.conflicts import claims
from infra_scale.core.render.components import rendered
from infra_scale.core.rules.clusters import not_looked_at
from infra_scale.core.rules.orphaned_autoscalers import kept_scalers
from infra_scale.core.ruling.context import RuleContext
from infra_scale.model.finding import Finding
from infra_scale.model.names import plan_folder
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.model.target import Target

Committed = Callable[[str], bytes | None]
"""The content of a generated file so far, with the line ends that we write."""
_NO_FILES: Mapping[str, bytes] = {}


class CompiledRequest(NamedTuple):
    """One request as far as it goes by itself."""

    path: str
    is_asked: bool
    findings: frozenset[Finding]
    """Each with its position."""
    folder: str | None = None
    """Where its plan belongs; None where it is refused or its target is not known."""
    plan: ScalePlan | None = None
    """None where `folder` is, and where nobody asked for it."""
    files: Mapping[str, bytes] = _NO_FILES
    """What `plan` is written as."""
    namespaces: frozenset[str] = frozenset()
    """The folders of the namespaces that it names, as far as it could be read."""
    claims: tuple[int, ...] = ()
    """What no other request may claim."""
    lost: tuple[PlannedScaler, ...] = ()
    """The autoscalers of its committed plan that it does not ask for any more; another request may."""
    components: tuple[tuple[str, str], ...] = ()
    """Namespace and name of its Components, where another part of the run renders them."""

    @property
    def is_refused(self) -> bool:
        """Whether it has an error of its own."""
        return any(finding.severity == "error" for finding in self.findings)


def compile_request(reading: Reading, environment: Environment, committed: Committed) -> CompiledRequest:
    """The piece that a file becomes, with everything that counts against it where a change is decided on."""
    made = _planned(reading, environment, committed)
    if environment.enforced is None or reading.request is None or not made.is_asked:
        return made
    found = tuple(_located(enforced(reading.request, environment), reading))
    if not found:
        return made
    made = made._replace(findings=strictest((*made.findings, *found)))
    return made._replace(folder=None, plan=None, files=_NO_FILES, lost=()) if made.is_refused else made


def _planned(reading: Reading, environment: Environment, committed: Committed) -> CompiledRequest:
    """The piece as its plan has it; the plan keeps the createdAt of the committed one while that says the same.

    It also keeps a verdict by a snapshot that has become too old: otherwise each commit, by its date alone, could
    change every plan. That the snapshot is too old is said in each run.
    """
    made = _compile_request(reading, environment, committed)
    if made.plan is None or environment.judges_anew or _is_committed(made, made.plan, committed):
        return made
    target = environment.targets.of(made.plan.request)
    if target is None or not environment.outlooks.has_old(target):
        return made
    kept = _compile_request(
        reading, environment._replace(outlooks=environment.outlooks._replace(as_of=None)), committed
    )
    if kept.plan is None or not _is_committed(kept, kept.plan, committed):
        return made
    return kept._replace(
        findings=kept.findings | {finding for finding in made.findings if finding.rule == not_looked_at.id}
    )


def _is_committed(made: CompiledRequest, plan: ScalePlan, committed: Committed) -> bool:
    path = plan_path(plan.folder)
    return made.files.get(path) == committed(path)


def _compile_request(reading: Reading, environment: Environment, committed: Committed) -> CompiledRequest:
    is_asked = environment.scope.has_request(reading.path, reading.target)
    request = reading.request
    if request is None:
        return CompiledRequest(
            reading.path, is_asked, frozenset(_located(reading.aimed_at(environment.targets.by_name), reading))
        )
    target = environment.targets.of(request)
    if not environment.scope.has_path(reading.path):
        return _of_others(reading, request, target, environment)
    assessed = _assessed(request, environment)
    found = [*reading.findings, *assessed.findings, *environment.targets.unknown(request)]
    found += expired(request, target.policy, today=environment.today) if target and _has_waivers(request) else ()
    made = CompiledRequest(
        reading.path,
        is_asked,
        frozenset(_located(found, reading)),
        namespaces=frozenset(folders_of(request, environment.targets.by_name)),
        claims=claims(request, _known(request, environment.targets)),
    )
    if target is None or made.is_refused:
        return made
    folder = plan_folder(target.name, request.id)
    made = made._replace(folder=folder, lost=tuple(_lost(request, folder, committed)) if is_asked else ())
    if not is_asked or assessed.plan is None:
        return made
    return made._replace(plan=assessed.plan, files=_files(assessed, assessed.plan, target, environment.now, committed))


def _lost(request: ScaleRequest, folder: str, committed: Committed) -> Iterator[PlannedScaler]:
    content = committed(plan_path(folder))
    if content is not None:
        kept = kept_scalers([request])
        plan = Source(plan_path(folder), content, len(content))
        for scaler in planned_scalers(plan, target=request.target, request=request.path):
            if scaler.key not in kept:
                yield scaler


def _of_others(
    reading: Reading, request: ScaleRequest, target: Target | None, environment: Environment
) -> CompiledRequest:
    """What has to be known of a request that nobody asks for; whether rules refuse it, who asks for it finds out."""
    made = CompiledRequest(
        reading.path,
        is_asked=False,
        findings=frozenset(_located(reading.findings, reading)),
        namespaces=frozenset(folders_of(request, environment.targets.by_name)),
        claims=claims(request, _known(request, environment.targets)),
    )
    if target is None or made.is_refused:
        return made
    return made._replace(folder=plan_folder(target.name, request.id), components=tuple(components_of(request, target)))


def _files(assessed: Assessed, plan: ScalePlan, target: Target, now: str, committed: Committed) -> dict[str, bytes]:
    files = render(plan, committed(plan_path(plan.folder)), now=now)
    return files | rendered(plan, target, assessed.bases)


def _known(request: ScaleRequest, targets: Targets) -> dict[str, Target]:
    target = targets.of(request)
    return {target.name: target} if target else {}


def _has_waivers(request: ScaleRequest) -> bool:
    return any(workload.allow for workload in request.workloads)


def _assessed(request: ScaleRequest, environment: Environment) -> Assessed:
    """What became of a request; one whose target is not known is judged by the rules alone."""
    one = environment.aimed(request)
    known = RuleContext(one.bases, environment.manifests, forecast(one, environment.outlooks))
    result = assess(request, one.target, rules=environment.rules.get(request.target), known=known)
    if environment.targets.of(request) is None:
        return Assessed(None, tuple(_certain(result.findings, request, environment.targets)))
    return result


def _certain(findings: Iterable[Finding], request: ScaleRequest, targets: Targets) -> Iterator[Finding]:
    """What can be said although the target is not known: it may have rules of its own that are waived.

    What a refused target would have made of a warning or a note is not known either.
    """
    for finding in findings:
        is_lenient = finding.severity != "error" and request.target in targets.invalid
        if not finding.rule.startswith("WVR-") and not is_lenient:
            yield finding


def _located(findings: Iterable[Finding], reading: Reading) -> Iterator[Finding]:
    return (reading.locate(finding) if finding.path == reading.path else finding for finding in findings)
