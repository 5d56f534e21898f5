"""Checks of the git repository around a folder with requests/."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import checkout, files, git
from infra_scale.core.render.setup import PLACEHOLDER, hooks_of
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import PLANS, RENDERED, REQUESTS
from infra_scale.model.source import Source
from infra_scale.usecases.checks.answer import Answer, Ok, Problem, Unknown
from infra_scale.usecases.init import HOOKS, LINES

WORKFLOWS = ".github/workflows"

_LIMIT = 1024 * 1024
_COMMAND = re.compile(r"infra-scale\"? (comment|compile|validate|publish|nightly)\b")
_USES = re.compile(r"""\buses:\s*["']?[\w.-]+/[\w.-]*infra[.-]scale[\w.-]*((?:/[\w.-]+)*)@""")
_GIVEN = re.compile(r"\bcommand:(.*)")
_ACTION = re.compile(r"\b(comment|publish|check|validate|doctor)\b")
_CALLED = {"approval.yml": {"comment", "publish"}, "matrix.yml": {"compile"}}
"""What our workflows run that others may call."""
_REQUEST = f"{REQUESTS}/example/web.yaml"
_PLAN = f"{PLANS}/prod/example/web/plan.yaml"
_SUMMARY = f"{PLANS}/prod/example/web/SUMMARY.md"
_RENDERED = f"{RENDERED}/prod-eu-1/example/deployment-web/kustomization.yaml"
_ATTRIBUTES = dict(zip((_PLAN, _RENDERED, _REQUEST), LINES[".gitattributes"], strict=True))


class Clone(NamedTuple):
    """Where to look."""

    root: Path
    """The folder that has requests/."""
    top: Path
    """The top of the work tree."""


def repository(root: Path) -> Clone | Problem:
    """The clone that `root` is in, or why it is in none."""
    try:
        top = git.top(root)
    except InfraScaleError as error:  # git is missing, or does not trust whoever owns the folder
        return Problem("error", error.message, error.hint)
    if top is None:
        return Problem("error", "this is no git repository", "git init")
    return Clone(root, top)


def history(clone: Clone) -> Answer:
    """Does the clone have the commits that publishing compares?"""
    if git.is_shallow(clone.root):
        mend = "git fetch --unshallow (in Actions: fetch-depth: 0)"
        return Problem("warning", "the clone is shallow: `publish` may lack the commit that it compiles", mend)
    return Ok("the clone has the whole history")


def branch(clone: Clone) -> Answer:
    """Is a branch checked out?"""
    name = git.branch(clone.root)
    if name is None:
        return Problem("note", "no branch is checked out: a commit made here belongs to none", "git switch BRANCH")
    return Ok(f"on branch {name}")


def attributes(clone: Clone) -> Answer:
    """Does git leave the line ends of requests and plans alone?"""
    lines = [line for path, line in _ATTRIBUTES.items() if not _keeps_line_ends(git.attributes(clone.root, path))]
    if lines:
        message = "git may change line ends, and plans are compared byte by byte"
        return Problem("warning", message, f"add to .gitattributes, as `infra-scale init` does: {'; '.join(lines)}")
    return Ok("git keeps the line ends of requests and plans")


def ignored(clone: Clone) -> Answer:
    """Could a commit miss a request or its plan without a word?"""
    for path in (_REQUEST, _PLAN, _SUMMARY, _RENDERED):
        place = git.ignored_by(clone.root, path)
        if place:
            return Problem("error", f"{place} makes git ignore files such as {path}", "take that line out")
    return Ok("git ignores neither requests nor plans")


def hook_configured(clone: Clone) -> Answer:
    """Does pre-commit know the hook?"""
    found = checkout.read_file(clone.top, HOOKS, limit=_LIMIT)
    if found is None:
        return Problem("warning", f"there is no {HOOKS}: commits may miss their plans", "infra-scale init")
    if not isinstance(found, Source):
        return Unknown(f"{HOOKS} is {found.what}")
    if not hooks_of(found.content):
        return Problem("warning", f"{HOOKS} lacks the hook infra-scale-compile", "`infra-scale init` shows what to add")
    if PLACEHOLDER.encode() in found.content:
        return _placeholder(HOOKS)
    return Ok(f"{HOOKS} has the hook")


def hook_installed(clone: Clone) -> Answer:
    """Does git run pre-commit?"""
    folder, moved = git.hooks_folder(clone.root)
    found = files.read_file(folder, "pre-commit", limit=_LIMIT)
    if found is None:
        unset = "git config --unset-all core.hooksPath, then " if moved else ""
        return Problem("warning", "git runs no hook before a commit", f"{unset}pre-commit install")
    if not isinstance(found, Source):
        return Unknown(f"git's hook is {found.what}: what it runs was not looked at")
    if not files.is_executable(folder / "pre-commit"):
        return Problem("warning", "git passes over its hook, which is not executable", "pre-commit install --overwrite")
    if b"pre-commit" not in found.content and b"infra-scale" not in found.content:
        return Unknown("git's hook is one of your own: whether it runs pre-commit cannot be told")
    return Ok("git runs the hook before a commit")


def workflow(clone: Clone) -> Answer:
    """Does CI run infra-scale? The hook can be skipped, CI cannot."""
    texts = dict(workflows(clone))
    found = {path: commands for path, text in texts.items() if (commands := _commands(text))}
    if not found:
        return Problem("warning", f"no workflow in {WORKFLOWS}/ runs infra-scale", "infra-scale init")
    unset = [path for path in found if PLACEHOLDER in texts[path]]
    if unset:
        return _placeholder(unset[0])
    said = (f"{path.rpartition('/')[2]} runs {' and '.join(sorted(commands))}" for path, commands in found.items())
    return Ok("; ".join(said))


def publishes_as_actions(clone: Clone) -> bool:
    """Whether a workflow publishes with the token that GitHub Actions gives to every run."""
    texts = [text for _, text in workflows(clone) if "publish" in _commands(text)]
    named = any("github.token" in text or "secrets.GITHUB_TOKEN" in text for text in texts)
    return named or any(_USES.search(text) and "token:" not in text for text in texts)  # it is their default


def workflows(clone: Clone) -> Iterator[tuple[str, str]]:
    """Path and text, without comments, of each workflow. Raises FilesError."""
    tree = checkout.read_tree(clone.top, WORKFLOWS, limit=_LIMIT)
    for item in tree or ():
        if isinstance(item, Source) and item.path.endswith((".yml", ".yaml")):
            lines = item.content.decode("utf-8", "replace").splitlines()
            yield item.path, "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def _placeholder(path: str) -> Problem:
    message = f"{path} installs infra-scale from {PLACEHOLDER}, which is a placeholder"
    return Problem("error", message, "put the address of your copy in its place")


def _keeps_line_ends(attributes: Mapping[str, str]) -> bool:
    return attributes.get("eol") == "lf" or attributes.get("text") == "unset"


def _commands(text: str) -> set[str]:
    """What a workflow runs of infra-scale: by itself, by our action, or by a workflow of ours that it calls."""
    found = set(_COMMAND.findall(text))
    for path in _USES.findall(text):
        given = {word for line in _GIVEN.findall(text) for word in _ACTION.findall(line)}
        found |= _CALLED.get(path.rpartition("/")[2], given or {"the infra-scale action"})
    return found
