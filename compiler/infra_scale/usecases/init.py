"""Set up another repository: folders, schemas, hook, workflows; existing files are never replaced."""

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import checkout, files, git
from infra_scale.adapters.states.memory import Edited, Memory
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.schema import catalogue
from infra_scale.core.setup import codeowners
from infra_scale.core.setup.templates import (
    ATTRIBUTES,
    HOOKS,
    LINES,
    MERGE_LINES,
    NO_COMMIT,
    Origin,
    filled,
    hooks_of,
    known_origin,
    with_lines,
)
from infra_scale.core.syntax import limits
from infra_scale.errors import UsageError
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import REQUESTS, SUFFIXES, TARGETS, target_names, target_path
from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.model.time import in_milliseconds
from infra_scale.usecases.compile import compile_state
from infra_scale.usecases.environment import context_of

CHECK = ".github/workflows/infra-scale.yml"
PUBLISH = ".github/workflows/infra-scale-publish.yml"
SCHEMA_FILES = {f"schemas/{name}": name for name in (catalogue.REQUEST, catalogue.TARGET)}

_SAMPLE = f"{REQUESTS}/example/web.yaml"
_TARGET = "prod"
_TEMPLATES = Path(__file__).parent.parent / "templates"
_LIMIT = 8 * 1024 * 1024

State = Literal["created", "extended", "kept", "same"]


class Item(NamedTuple):
    """One file of the setup, and its state."""

    path: str
    state: State
    """kept: the file exists with other content."""
    change: FileChange | None = None
    reason: str = ""
    """Why it is kept."""


class Wish(NamedTuple):
    """The options of `init`."""

    origin: Origin
    plans: bool
    """Whether plans are committed with their requests; else `publish` proposes them."""
    owners: tuple[str, ...] = ()
    """Owners, for CODEOWNERS, of the files that decide about plans."""
    manifests: tuple[str, ...] = ()
    """Folders with manifests, for a new target file."""
    first: Source | None = None
    """The first request; None: a sample."""
    has_merge_driver: bool = False
    """Whether generated files never conflict in a merge."""


class Setup(NamedTuple):
    """The changes that `init` would make to a folder."""

    items: tuple[Item, ...]
    """In the order in which they are written: the sample is last, so an interrupted run leaves nothing stale."""
    in_git: bool
    hook_to_add: str
    """The lines that an existing .pre-commit-config.yaml lacks; empty if it has our hook, or is new."""
    owners_to_add: tuple[str, tuple[str, ...]] = ("", ())
    """The CODEOWNERS file that GitHub reads, or would read, and the patterns without an owner in it."""
    no_sample: str = ""
    """The error in existing files that keeps a sample from compiling; empty if there is none."""

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """The files that have to be written."""
        return tuple(item.change for item in self.items if item.change)


def set_up(root: Path, wish: Wish, *, now: datetime) -> Setup:
    """Compare `root` (which may not exist) with a complete setup.

    Writes nothing. Raises UsageError below the top of a git repository, GitError and FilesError.
    """
    in_git = _is_top(root)
    hook = "compile" if wish.plans else "validate"
    wanted = {path: files.schema_text(name).encode() for path, name in SCHEMA_FILES.items()}
    wanted |= {HOOKS: _hook(wish.origin, hook), CHECK: _check(wish), PUBLISH: _publish(wish.origin)}
    owners, unowned = _owners(root, wish.owners)
    items = [*_extended(root, wish), *(_whole(root, path, content) for path, content in wanted.items()), *owners]
    sample, no_sample = _sample(root, now, wish)
    hooks = checkout.read_file(root, HOOKS, limit=_LIMIT)
    lacks_hook = isinstance(hooks, Source) and hook not in hooks_of(hooks.content)
    hook_to_add = wanted[HOOKS].decode() if lacks_hook else ""
    return Setup((*items, *sample), in_git, hook_to_add, unowned, no_sample)


def known_setup(root: Path) -> tuple[Origin | None, bool]:
    """The origin of infra-scale in the workflows of an earlier run, and whether plans are committed with requests.

    Raises FilesError.
    """
    texts = {path: _text(root, path) for path in (HOOKS, CHECK)}
    origins = filter(None, map(known_origin, texts.values()))
    return next(origins, None), "--no-plans" not in texts[CHECK]


def is_set_up(root: Path) -> bool:
    """Whether an earlier run, or a person, has added a hook or our workflow."""
    return any(checkout.is_there(root, path) for path in (HOOKS, CHECK))


def write(root: Path, setup: Setup) -> None:
    """Write what is missing. Raises FilesError."""
    if setup.changes:
        files.write_changes(root, ["."], setup.changes)


def _is_top(root: Path) -> bool:
    """Whether `root` is the top of a git repository; False outside of any."""
    existing = next(folder for folder in (root, *root.parents) if files.is_folder(folder))
    top = git.top(existing)
    if top is not None and top != root:
        message = f"{root.name}/ is inside a git repository: hooks and workflows belong in its top folder"
        raise UsageError(message, hint=f"infra-scale init {shlex.quote(str(top))}")
    return top is not None


def _hook(origin: Origin, hook: str) -> bytes:
    note = origin.note if origin.commit == NO_COMMIT else f"frozen: {origin.note}"  # as pre-commit autoupdate has it
    return _template("pre-commit.yaml", {**origin._asdict(), "note": note, "hook": f"infra-scale-{hook}"})


def _check(wish: Wish) -> bytes:
    if wish.plans:
        check, title = "Plans are up to date", "Compare plans with requests, and comment"
        purpose = "Checks each pull request: its requests are valid, and its plans are what they compile to."
    else:
        check, title = "Requests are valid", "Check requests, and comment"
        purpose = "Checks the requests of each pull request. `publish` proposes their plans after the merge."
    step = _step(wish.origin, title, "comment", () if wish.plans else ("--no-plans",))
    return _template("check.yaml", {"check": check, "purpose": purpose, "steps": step})


def _publish(origin: Origin) -> bytes:
    return _template("publish.yaml", {"steps": _step(origin, "Open, update or close the pull requests", "publish", ())})


def _step(origin: Origin, title: str, command: str, options: tuple[str, ...]) -> str:
    """A step of a workflow that runs `command`: with the action if GitHub can find it, else from a clone."""
    page = ("--rules-page", origin.rules_page) if origin.rules_page else ()
    arguments = " ".join((*options, *page))
    values = {**origin._asdict(), "title": title, "command": command, "arguments": arguments}
    if origin.slug:
        return _template("step-action.yaml", {**values, "slug": origin.slug}).decode().rstrip("\n")
    line = f"{command} {arguments}".rstrip()
    return _template("step-script.yaml", {**values, "line": line}).decode().rstrip("\n")


def _owners(root: Path, owners: tuple[str, ...]) -> tuple[tuple[Item, ...], tuple[str, tuple[str, ...]]]:
    """A new CODEOWNERS if there is none and owners are given; else the patterns without an owner."""
    for place in codeowners.PLACES:
        found = checkout.read_file(root, place, limit=_LIMIT)
        if found is not None:
            text = found.content.decode("utf-8", "replace") if isinstance(found, Source) else ""
            lacking = tuple(codeowners.unprotected(text, place))
            return ((_kept(found),) if owners and lacking else ()), (place, lacking)
    place = codeowners.PLACES[0]
    if owners:
        return (_whole(root, place, codeowners.new_file(owners)),), (place, ())
    return (), (place, tuple(codeowners.unprotected("", place)))


def _extended(root: Path, wish: Wish) -> Iterator[Item]:
    for path, needed in LINES.items():
        lines = (*needed, *MERGE_LINES) if wish.has_merge_driver and path == ATTRIBUTES else needed
        found = checkout.read_file(root, path, limit=_LIMIT)
        if isinstance(found, NotAFile) or (found and found.size > _LIMIT):
            yield _kept(found)
            continue
        before = found.content if found else None
        after = with_lines(before or b"", lines)
        if before == after:
            yield Item(path, "same")
        else:
            yield Item(path, "created" if before is None else "extended", FileChange(path, before, after))


def _whole(root: Path, path: str, content: bytes) -> Item:
    found = checkout.read_file(root, path, limit=_LIMIT)
    if found is None:
        return Item(path, "created", FileChange(path, None, content))
    if isinstance(found, Source) and found.content == content:
        return Item(path, "same")
    return _kept(found)


def _kept(found: Source | NotAFile) -> Item:
    what = f"is {found.what}" if isinstance(found, NotAFile) else "differs"
    return Item(found.path, "kept", reason=f"already exists and {what}")


def has_requests(root: Path) -> bool:
    """Whether there is any request. Raises FilesError."""
    requests = checkout.read_tree(root, REQUESTS, limit=0)
    return any(item.path.endswith(SUFFIXES) for item in requests or ())


def _sample(root: Path, now: datetime, wish: Wish) -> tuple[tuple[Item, ...], str]:
    """A first request if there is none, with its plan if plans are committed, and its target if there is none.

    Or the error in existing files that keeps them from being compiled: the user has to fix these first.
    """
    if has_requests(root):
        return (), ""
    entries = checkout.read_tree(root, TARGETS, limit=limits.MAX_BYTES)
    targets = [item for item in entries or () if item.path.endswith(".yaml")]
    made = [] if targets else [_whole(root, target_path(_TARGET), _target(wish))]
    targets += map(_source, made)
    values = {"target": first_target(root), "created": in_milliseconds(now)}
    first = wish.first or Source(_SAMPLE, _template("request.yaml", values), 0)
    request = _whole(root, first.path, first.content)
    compilation = _compiled(root, _source(request), tuple(targets))
    for finding in compilation.findings:
        if finding.severity == "error":
            return (), f"{finding.path}: {finding.message}"
    generated = compilation.files.items() if wish.plans else ()
    return (*made, *(_whole(root, path, content) for path, content in generated), request), ""


def first_target(root: Path) -> str:
    """The target of the first request: prod, unless there are only others. Raises FilesError."""
    entries = checkout.read_tree(root, TARGETS, limit=0)
    names = target_names(item.path for item in entries or () if item.path.endswith(".yaml"))
    return names[0] if names and _TARGET not in names else _TARGET


def _target(wish: Wish) -> bytes:
    """A new target file, with the folders of manifests if any were found."""
    content = _template("target.yaml", {})
    if not wish.manifests:
        return content
    before = content.partition(b"# manifests:")[0]
    listed = "".join(f"  - {json.dumps(folder)}\n" for folder in wish.manifests)
    note = "# Folders with your manifests: requests are checked against their builds; `infra-scale wire` edits them.\n"
    return before + f"{note}manifests:\n{listed}".encode()


def _compiled(root: Path, request: Source, targets: tuple[Found, ...]) -> Compilation:
    with closing(WorkTree(root)) as tree:
        state = Edited(tree, (REQUESTS, TARGETS), Memory((request, *targets)))
        return compile_state(root, state, context_of(state), generated=tree)


def _text(root: Path, path: str) -> str:
    found = checkout.read_file(root, path, limit=_LIMIT)
    return found.content.decode("utf-8", "replace") if isinstance(found, Source) else ""


def _source(item: Item) -> Source:
    content = (item.change.after if item.change else None) or b""
    return Source(item.path, content, len(content))


def _template(name: str, values: Mapping[str, str]) -> bytes:
    return filled(files.read_bytes(_TEMPLATES / name).decode("utf-8"), values)
