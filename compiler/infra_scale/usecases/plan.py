"""The original's way: flags instead of a request file, to artifacts or to a change that asks for approval."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import checkout, clock, files
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.documents.header import PLAN_FILE, SUMMARY_FILE
from infra_scale.core.documents.plan_writer import plan_yaml
from infra_scale.core.documents.request_reader import read_request
from infra_scale.core.documents.target import Targets, read_targets
from infra_scale.core.evaluation.assessment import assess
from infra_scale.core.evaluation.policy import policy_findings
from infra_scale.core.planning.plan import plan_request
from infra_scale.core.planning.rollback import undo
from infra_scale.core.reading.flags import Flags, read_flags
from infra_scale.core.reading.manifests import Manifests, read_manifests
from infra_scale.core.reporting.summary import summary
from infra_scale.core.ruling.context import RuleContext
from infra_scale.core.schema import catalogue
from infra_scale.core.schema.check import check
from infra_scale.core.syntax import limits
from infra_scale.model.finding import Finding
from infra_scale.model.names import TARGETS
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Cluster, Target
from infra_scale.model.time import in_path
from infra_scale.usecases.environment import manifests_of

_ARTIFACTS = ".artifacts"


class Planned(NamedTuple):
    """What flags compile to."""

    plan: ScalePlan | None
    """None when `findings` has an error."""
    findings: tuple[Finding, ...]
    """With positions in their flags, errors first."""


class Artifacts(NamedTuple):
    """Where a dry run has left its files; absolute paths."""

    folder: Path
    plan: Path
    summary: Path


def plan_flags(
    flags: Flags,
    *,
    root: Path,
    created_at: str | None,
    kube_context: Callable[[], str | None],
    reads_manifests: bool = True,
) -> Planned:
    """Compile flags by the rules of request files; `kube_context` is asked only for a valid one. Raises FilesError.

    `reads_manifests` holds them against the manifests that targets name.
    """
    document, faults = read_flags(flags)
    violations = check(document, files.schema_text(catalogue.REQUEST))
    faulty = [violation.route for violation in violations if violation.route is not None]
    request, of_quantities = read_request(document, faulty=faulty)
    request = request and request._replace(created_at=created_at)
    known = _known(root, reads_manifests=reads_manifests)
    target = _without_clusters(request, known.targets)
    assessed = assess(request, target, known=_around(request, target, known.manifests)) if request else None
    judged = (*known.targets.unknown(request), *map(_for_flags, assessed.findings)) if request and assessed else ()
    located = map(document.locate, (*violations, *of_quantities, *judged))
    # What stands in no flag is missing only because a flag could not be read, and that has been said.
    shown = (finding for finding in located if not faults or (finding.position and finding.position.excerpt))
    found = [*faults, *shown, *known.findings]
    findings = tuple(dict.fromkeys(sorted(found, key=lambda finding: finding.severity != "error")))
    if request is None or assessed is None or any(finding.severity == "error" for finding in findings):
        return Planned(None, findings)
    context = kube_context()
    if assessed.plan is None:
        return Planned(None, findings)
    if context is None:
        return Planned(_verifiable(assessed.plan, target), findings)
    here = target._replace(clusters=(Cluster(context, context, 0),))
    # Nothing is rendered from flags, so what is said of that does not belong here.
    plan = plan_request(request, here, assessed.plan.findings, assessed.bases)
    return Planned(_verifiable(plan, here), findings)


def _verifiable(plan: ScalePlan, target: Target) -> ScalePlan:
    """With rollback hints that follow from the plan alone: without its request, a record is checked by them."""
    environment = undo(plan.actions, target, plan.request, {})
    return plan._replace(rollback_hints=environment.hints, preparations=environment.preparations)


def _around(request: ScaleRequest, target: Target, manifests: Manifests) -> RuleContext:
    return RuleContext({one.route: manifests.of(target, one.ref) for one in request.workloads}, manifests)


class _Known(NamedTuple):
    """What the repository says around flags."""

    targets: Targets
    manifests: Manifests
    findings: tuple[Finding, ...]


def _known(root: Path, *, reads_manifests: bool) -> _Known:
    found = checkout.read_tree(root, TARGETS, limit=limits.MAX_BYTES) or ()
    targets, of_targets = read_targets(found, schema=files.schema_text(catalogue.TARGET))
    of_targets = (*of_targets, *policy_findings(targets))
    if not reads_manifests:
        return _Known(targets.without(of_targets), Manifests(), of_targets)
    with closing(WorkTree(root)) as tree:
        trees = manifests_of(tree, found)
    of_targets = (*of_targets, *targets.without_manifests(trees))
    manifests, of_manifests = read_manifests(trees)
    return _Known(targets.without(of_targets), manifests, (*of_targets, *of_manifests))


_BEYOND_FLAGS = frozenset({"OWN-001", "RES-009"})
"""What they ask for has no flag."""


def _for_flags(finding: Finding) -> Finding:
    if finding.rule not in _BEYOND_FLAGS:
        return finding
    help = f"flags cannot say it; `infra-scale new` with the same flags writes a request: {finding.help}"
    return finding._replace(help=help)


def _without_clusters(request: ScaleRequest | None, targets: Targets) -> Target:
    """The target of a request with its policy; the original's commands go to kubectl's own context."""
    target = targets.of(request) if request else None
    return target._replace(clusters=()) if target else Target(request.target if request else "", ())


def write_artifacts(plan: ScalePlan, *, root: Path) -> Artifacts:
    """Leave plan and summary in a new folder below .artifacts/infra-scale/, named after now. Raises FilesError."""
    folder = None
    while folder is None:  # another run took this millisecond: the next one is ours
        folder = files.create_folder(root, f"{_ARTIFACTS}/infra-scale", in_path(clock.now(None)))
    ignore = f"{_ARTIFACTS}/.gitignore"
    if not files.is_there(root / ignore):  # whatever the repository ignores, these are never committed by accident
        files.write_within(root, ignore, b"*\n")
    made = Artifacts(folder, folder / PLAN_FILE, folder / SUMMARY_FILE)
    files.write_file(made.plan, plan_yaml(plan).encode())
    files.write_file(made.summary, summary(plan).encode())
    return made
