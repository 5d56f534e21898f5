"""The original CLI: flags instead of a request file, to artifacts or to a pull request."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import clock, files
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.compiling.environment import Environment, environment_of, read_environment
from infra_scale.core.compiling.request import compile_request
from infra_scale.core.documents.header import PLAN_FILE, SUMMARY_FILE
from infra_scale.core.documents.plan import write_plan
from infra_scale.core.documents.request import Reading, request_of
from infra_scale.core.documents.target import read_targets
from infra_scale.core.evaluation.policy import policy_findings
from infra_scale.core.planning.plan import plan_request, with_commands_of_actions
from infra_scale.core.reading.flags import Flags, read_flags
from infra_scale.core.reporting.summary import summary
from infra_scale.core.schema import catalogue
from infra_scale.core.schema.check import check
from infra_scale.core.syntax import limits
from infra_scale.model.finding import Finding, has_error
from infra_scale.model.names import TARGETS
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.state import read_folder
from infra_scale.model.time import in_path
from infra_scale.model.workload import Cluster
from infra_scale.usecases.environment import context_of

_ARTIFACTS = ".artifacts"


class Planned(NamedTuple):
    """The result of compiling flags."""

    plan: ScalePlan | None
    """None when `findings` has an error."""
    findings: tuple[Finding, ...]
    """Findings with positions in their flags, errors first."""
    request: ScaleRequest | None = None
    """The request of `plan`."""


class Artifacts(NamedTuple):
    """The files of a dry run; absolute paths."""

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
    """Compile flags by the rules of request files; `kube_context` is called only if they are valid. Raises FilesError.

    With `reads_manifests`, they are checked against the manifests that targets name.
    """
    document, faults = read_flags(flags)
    violations = check(document, files.schema_text(catalogue.REQUEST))
    faulty = [violation.route for violation in violations if violation.route is not None]
    request, of_quantities = request_of(document, faulty=faulty)
    request = request and request._replace(created_at=created_at)
    known = _environment(root, reads_manifests=reads_manifests)
    of_form = tuple(map(document.locate, (*violations, *of_quantities)))
    one = compile_request(Reading(document.path, document, request, of_form), known)
    judged = sorted(one.findings.difference(of_form), key=lambda finding: finding.order)
    # A value without a position is missing only because a flag could not be read, and that has been reported.
    located = (*of_form, *map(_for_flags, judged))
    shown = (finding for finding in located if not faults or (finding.position and finding.position.excerpt))
    found = [*faults, *shown, *known.findings]
    findings = tuple(dict.fromkeys(sorted(found, key=lambda finding: finding.severity != "error")))
    if request is None or has_error(findings):
        return Planned(None, findings)
    context = kube_context()
    if one.plan is None:
        return Planned(None, findings)
    aimed = known.aimed(request)
    if context is None:
        return Planned(with_commands_of_actions(one.plan, aimed.target), findings, request)
    here = aimed.target._replace(clusters=(Cluster(context, context, 0),))
    # Nothing is rendered from flags, so findings about rendered files do not apply.
    plan = plan_request(request, here, one.plan.findings, aimed.bases)
    # A record is checked without its request.
    return Planned(with_commands_of_actions(plan, here), findings, request)


def _environment(root: Path, *, reads_manifests: bool) -> Environment:
    """Targets without clusters, because the commands of the original CLI go to kubectl's own context."""
    with closing(WorkTree(root)) as tree:
        if reads_manifests:
            known = read_environment(context_of(tree))
        else:
            found = read_folder(tree, TARGETS, limit=limits.MAX_BYTES)
            every, of_targets = read_targets(found, schema=files.schema_text(catalogue.TARGET))
            of_targets = (*of_targets, *policy_findings(every))
            known = environment_of(every.without(of_targets))._replace(findings=of_targets)
    targets = {name: target._replace(clusters=()) for name, target in known.targets.by_name.items()}
    return known._replace(targets=known.targets._replace(by_name=targets))


_BEYOND_FLAGS = frozenset({"OWN-001", "RES-009"})
"""Rules whose fix has no flag."""


def _for_flags(finding: Finding) -> Finding:
    if finding.rule not in _BEYOND_FLAGS:
        return finding
    help = f"no flag sets it; `infra-scale new` with the same flags writes a request: {finding.help}"
    return finding._replace(help=help)


def write_artifacts(plan: ScalePlan, *, root: Path) -> Artifacts:
    """Write plan and summary to a new folder below .artifacts/infra-scale/, named by the time. Raises FilesError."""
    folder = None
    while folder is None:  # another run has used this millisecond: try the next one
        folder = files.create_folder(root, f"{_ARTIFACTS}/infra-scale", in_path(clock.now(None)))
    ignore = f"{_ARTIFACTS}/.gitignore"
    if not files.is_there(root / ignore):  # never committed by accident, whatever the repository ignores
        files.write_within(root, ignore, b"*\n")
    made = Artifacts(folder, folder / PLAN_FILE, folder / SUMMARY_FILE)
    files.write_file(made.plan, write_plan(plan).encode())
    files.write_file(made.summary, summary(plan).encode())
    return made
