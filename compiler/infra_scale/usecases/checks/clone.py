"""Checks of the git repository that contains requests/."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from infra_scale.adapters import checkout, files, git
from infra_scale.core.setup import codeowners
from infra_scale.core.setup.templates import HOOKS, LINES, hooks_of
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import PLANS, RENDERED, REQUESTS, TARGETS
from infra_scale.model.source import Source
from infra_scale.usecases.checks.answer import Answer, Clone, Ok, Problem, Unknown
from infra_scale.usecases.checks.workflows import expects_plans, placeholder

_LIMIT = 1024 * 1024
_REQUEST = f"{REQUESTS}/example/web.yaml"
_PLAN = f"{PLANS}/prod/example/web/plan.yaml"
_SUMMARY = f"{PLANS}/prod/example/web/SUMMARY.md"
_RENDERED = f"{RENDERED}/prod-eu-1/example/deployment-web/kustomization.yaml"
_TARGET = f"{TARGETS}/prod.yaml"
_ATTRIBUTES = dict(zip((_PLAN, _RENDERED, _REQUEST), LINES[".gitattributes"], strict=True))
_REVIEWED = (REQUESTS, "ops")
_GITHUB_URL = re.compile(r"(?:https://|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def repository(root: Path) -> Clone | Problem:
    """The clone that contains `root`, or why there is none."""
    try:
        top = git.top(root)
    except InfraScaleError as error:  # git is missing, or does not trust the owner of the folder
        return Problem("error", error.message, error.hint)
    if top is None:
        return Problem("error", "this is not a git repository", "git init")
    return Clone(root, top)


def slug(root: Path) -> str | None:
    """owner/name of the clone's remote, if it is on GitHub; another check reports errors of git."""
    with suppress(InfraScaleError):
        found = _GITHUB_URL.fullmatch(git.origin(root) or "")
        return found[1] if found else None
    return None


def history(clone: Clone) -> Answer:
    """Does the clone have the commits that publishing compares?"""
    if git.is_shallow(clone.root):
        fix = "`git fetch --unshallow` (in Actions: fetch-depth: 0)"
        return Problem("warning", "the clone is shallow: it may lack the commit that `publish` compiles", fix)
    return Ok("the clone has the full history")


def branch(clone: Clone) -> Answer:
    """Is a branch checked out?"""
    name = git.branch(clone.root)
    if name is None:
        return Problem("note", "no branch is checked out: a new commit would be on no branch", "git switch BRANCH")
    return Ok(f"on branch {name}")


def line_ends(clone: Clone) -> Answer:
    """Does git keep the line ends of requests and plans?"""
    found = git.attributes(clone.root, [*_ATTRIBUTES])
    lines = [line for path, line in _ATTRIBUTES.items() if not _keeps_line_ends(found.get(path, {}))]
    if lines:
        message = "git may change line ends, and plans are compared byte by byte"
        return Problem("warning", message, f"add to .gitattributes, as `infra-scale init` does: {'; '.join(lines)}")
    return Ok("git keeps the line ends of requests and plans")


def attributes(clone: Clone) -> Answer:
    """Do reviewers see the applied files, and do merges and checkouts keep them unchanged?"""
    trees = (checkout.read_tree(clone.root, folder, limit=0) for folder in _REVIEWED)
    there = [item.path for tree in trees if tree for item in tree]
    found = git.attributes(clone.root, [*there, _PLAN, _RENDERED, _REQUEST, _TARGET])
    faults = [(path, fault) for path, given in sorted(found.items()) for fault in _hides(path, given)]
    if not faults:
        return Ok("no attribute folds, filters or merges requests, targets and applied files")
    (path, (attribute, effect)), more = faults[0], len(faults) - 1
    counted = f" ({more} more)" if more else ""
    message = f"an attribute of git, {attribute}, {effect} {path}{counted}"
    return Problem("warning", message, f"remove {attribute} from it in .gitattributes and .git/info/attributes")


def owners(clone: Clone) -> Answer:
    """Does CODEOWNERS name a reviewer for every file that decides about plans?"""
    below = clone.root.relative_to(clone.top).as_posix()
    prefix = "" if below == "." else f"{below}/"
    for place in codeowners.PLACES:
        found = checkout.read_file(clone.top, place, limit=_LIMIT)
        if found is None:
            continue
        if not isinstance(found, Source):
            return Unknown(f"{place} is {found.what}")
        lacking = codeowners.unprotected(found.content.decode("utf-8", "replace"), place, below=prefix)
        if not lacking:
            return Ok(f"{place} names owners of targets, workflows and applied files")
        message = f"{place} names no owner of {', '.join(lacking)}, which control checks and applied files"
        return Problem(
            "warning", message, f"add to it: {'; '.join(f'{pattern} @your-org/platform' for pattern in lacking)}"
        )
    message = "there is no CODEOWNERS: any approval is enough for targets, workflows and applied files"
    return Problem("warning", message, "infra-scale init --codeowners @your-org/platform")


def ignored(clone: Clone) -> Answer:
    """Does git ignore requests or plans, so that commits miss them?"""
    for path in (_REQUEST, _PLAN, _SUMMARY, _RENDERED):
        place = git.ignored_by(clone.root, path)
        if place:
            return Problem("error", f"{place} makes git ignore files such as {path}", "remove that line")
    return Ok("git ignores neither requests nor plans")


def hook_configured(clone: Clone) -> Answer:
    """Does the pre-commit configuration have the hook?"""
    found = checkout.read_file(clone.top, HOOKS, limit=_LIMIT)
    if found is None:
        return Problem("warning", f"there is no {HOOKS}: commits may miss their plans", "infra-scale init")
    if not isinstance(found, Source):
        return Unknown(f"{HOOKS} is {found.what}")
    has = hooks_of(found.content)
    if "compile" not in has and ("validate" not in has or expects_plans(clone.root)):
        return Problem("warning", f"{HOOKS} lacks the hook infra-scale-compile", "`infra-scale init` shows what to add")
    return placeholder(HOOKS, found.content) or Ok(f"{HOOKS} has the hook")


def hook_installed(clone: Clone) -> Answer:
    """Does git run pre-commit?"""
    folder, moved = git.hooks_folder(clone.root)
    found = files.read_file(folder, "pre-commit", limit=_LIMIT)
    if found is None:
        unset = "git config --unset-all core.hooksPath && " if moved else ""
        return Problem("warning", "git runs no hook before a commit", f"{unset}pre-commit install")
    if not isinstance(found, Source):
        return Unknown(f"git's hook is {found.what}: its commands were not checked")
    if not files.is_executable(folder / "pre-commit"):
        return Problem("warning", "git ignores its hook, which is not executable", "pre-commit install --overwrite")
    if b"pre-commit" not in found.content and b"infra-scale" not in found.content:
        return Unknown("git's hook is a custom script: whether it runs pre-commit is unknown")
    return Ok("git runs the hook before a commit")


def _keeps_line_ends(attributes: Mapping[str, str]) -> bool:
    return attributes.get("eol") == "lf" or attributes.get("text") == "unset"


def _hides(path: str, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Attributes that hide or change applied files, with the effect of each."""
    if attributes.get("linguist-generated") in ("set", "true") and not path.startswith(f"{PLANS}/"):
        yield "linguist-generated", "lets GitHub fold, in reviews,"
    if attributes.get("diff") == "unset":
        yield "-diff", "hides changes of"
    for name in ("filter", "ident", "working-tree-encoding"):
        if attributes.get(name, "unset") != "unset":
            yield f"{name}={attributes[name]}", "changes on checkout"
    if attributes.get("merge", "set") != "set":
        yield f"merge={attributes['merge']}", "decides how git merges"
