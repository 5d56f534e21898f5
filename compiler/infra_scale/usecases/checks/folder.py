"""Checks of a folder with requests/ that need only the disk and kubectl."""

from collections.abc import Callable

from infra_scale.adapters import checkout, files
from infra_scale.adapters.disk import FilesError
from infra_scale.model.names import REQUESTS, SUFFIXES
from infra_scale.model.scope import Scope
from infra_scale.usecases.checks.answer import Answer, Folder, Ok, Problem
from infra_scale.usecases.checks.workflows import expects_plans
from infra_scale.usecases.compile import How, compile_work_tree
from infra_scale.usecases.streaming.job import Wants

CurrentContext = Callable[[], tuple[str | None, str]]
"""The current context of kubectl, or None with the reason."""

_DATA = (REQUESTS, "ops", "schemas")


def layout(place: Folder) -> Answer:
    """Does requests/ exist, and does it have a request?"""
    try:
        tree = checkout.read_tree(place.root, REQUESTS, limit=0)
    except FilesError as error:
        return Problem("error", error.message, error.hint)
    if tree is None:
        return Problem("error", f"there is no folder {REQUESTS}/", "infra-scale init")
    if not any(item.path.endswith(SUFFIXES) for item in tree):
        return Problem("note", f"{REQUESTS}/ has no request yet", "infra-scale new")
    return Ok(f"{REQUESTS}/ has requests")


def python_files(place: Folder) -> Answer:
    """Does a Python file turn a folder of data into a package, which hides the library `requests`?"""
    trees = (files.read_tree(place.root, folder, limit=0) for folder in _DATA)
    found = [item.path for tree in trees if tree for item in tree if item.path.endswith(".py")]
    if not found:
        return Ok("no Python file among the data")
    message = f"{found[0]}: Python programs started here would import it, and {REQUESTS}/ instead of a library"
    return Problem("warning", message, f"remove Python files from {', '.join(f'{folder}/' for folder in _DATA)}")


def plans(place: Folder) -> Answer:
    """Are the requests valid, and the plans up to date?"""
    how = How(by_clock=True, wants=Wants(writes=False, judges=True, world="all", judges_world=True))
    outcome = compile_work_tree(place.root, scope=Scope(), now=place.now, how=how)
    errors = [finding for finding in outcome.findings if finding.severity == "error"]
    if not outcome.is_valid:
        message = f"requests do not compile; the first error of {len(errors)}: {errors[0].path}: {errors[0].message}"
        return Problem("error", message, "infra-scale validate")
    stale = [plan.name for plan in outcome.plans if plan.state != "unchanged"]
    stale += [f"manifests of {state.name}" for state in outcome.rendered]
    if stale and not expects_plans(place.root):
        message = f"plans are out of date; the first of {len(stale)}: {stale[0]}"
        return Problem("note", message, "nothing to do: `publish` proposes them on the default branch")
    if stale:
        message = f"plans are out of date; the first of {len(stale)}: {stale[0]}"
        return Problem("error", message, "run `infra-scale compile` and commit the result")
    if errors:
        message = f"{errors[0].path}: {errors[0].message}"
        return Problem("error", message, errors[0].help)
    return Ok("every plan is up to date" if outcome.requests else "no request, and no plan")


def kubectl_context(current_context: CurrentContext) -> Answer:
    """Could a reviewer run a plan's commands here?"""
    context, reason = current_context()
    if context is None:
        return Problem(
            "note",
            reason.removeprefix("kubectl: "),
            "only needed to apply a plan from this machine, and by `infra-scale plan`",
        )
    return Ok(f"the current context is {context}")
