"""Bring everything that the loop needs into somebody else's repository; what is there already is theirs, and stays."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale import __version__
from infra_scale.adapters import checkout, files, git
from infra_scale.core.compile import Compilation, compile
from infra_scale.core.render.setup import filled, has_hook, installs_from, with_lines
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.errors import UsageError
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import REQUESTS, SUFFIXES, TARGETS, target_names, target_path
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.usecases.compile import context_of, lying_generated, lying_sources

WORKFLOW = ".github/workflows/infra-scale.yml"
HOOKS = ".pre-commit-config.yaml"
SCHEMA_FILES = {f"schemas/{name}": name for name in (catalogue.REQUEST, catalogue.TARGET)}
LINES = {
    ".gitattributes": (
        "ops/plans/** text eol=lf linguist-generated=true",
        "ops/rendered/** text eol=lf linguist-generated=true",
        "requests/** text eol=lf",
    ),
    ".gitignore": (".artifacts/",),
}

_SAMPLE = f"{REQUESTS}/example/web.yaml"
_TARGET = "prod"
_TEMPLATES = Path(__file__).parent.parent / "templates"
_LIMIT = 8 * 1024 * 1024

State = Literal["created", "extended", "kept", "same"]


class Item(NamedTuple):
    """One file of the set-up, and what becomes of it."""

    path: str
    state: State
    """kept: there already, and not as we would write it."""
    change: FileChange | None = None
    reason: str = ""
    """Why it is kept."""


class Setup(NamedTuple):
    """What `init` would do to a folder."""

    items: tuple[Item, ...]
    """In the order in which they are written: the sample comes last, so a run that is killed leaves nothing stale."""
    in_git: bool
    hook_to_add: str
    """What an existing .pre-commit-config.yaml lacks; empty where it has our hook, or is new."""
    no_sample: str = ""
    """What is wrong with what is there, so that a sample would not compile; empty where nothing is."""

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """The files that have to be written."""
        return tuple(item.change for item in self.items if item.change)


def set_up(root: Path, *, source: str, now: str) -> Setup:
    """Look at what `root` (which may be missing) has and lacks; `source` is the git repository of infra-scale.

    Writes nothing. Raises UsageError below the top of a git repository, GitError and FilesError.
    """
    in_git = _is_top(root)
    values = {"source": source, "version": __version__, "requirement": _requirement(source)}
    wanted = {path: files.schema_text(name).encode() for path, name in SCHEMA_FILES.items()}
    wanted |= {HOOKS: _template("pre-commit.yaml", values), WORKFLOW: _template("workflow.yaml", values)}
    items = [*_extended(root), *(_whole(root, path, content) for path, content in wanted.items())]
    sample, no_sample = _sample(root, now)
    hooks = checkout.read_file(root, HOOKS, limit=_LIMIT)
    lacks_hook = isinstance(hooks, Source) and not has_hook(hooks.content)
    return Setup((*items, *sample), in_git, wanted[HOOKS].decode() if lacks_hook else "", no_sample)


def known_source(root: Path) -> str | None:
    """The git repository of infra-scale that an earlier run has been given. Raises FilesError."""
    found = checkout.read_file(root, WORKFLOW, limit=_LIMIT)
    return installs_from(found.content) if isinstance(found, Source) else None


def write(root: Path, setup: Setup) -> None:
    """Write what is missing. Raises FilesError."""
    if setup.changes:
        files.write_changes(root, ["."], setup.changes)


def _is_top(root: Path) -> bool:
    """Whether `root` is the top of a git repository; False outside of any."""
    existing = next(folder for folder in (root, *root.parents) if files.is_folder(folder))
    top = git.top(existing)
    if top is not None and top != root:
        message = f"{root.name}/ is inside a git repository: hooks and workflows belong to its top"
        raise UsageError(message, hint=f"infra-scale init {shlex.quote(str(top))}")
    return top is not None


def _requirement(source: str) -> str:
    """What pip installs in the workflow: the very version that wrote it."""
    return f"infra-scale[github] @ git+{source}@v{__version__}"


def _extended(root: Path) -> Iterator[Item]:
    for path, lines in LINES.items():
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
    return Item(found.path, "kept", reason=f"already there, and {what}")


def _sample(root: Path, now: str) -> tuple[tuple[Item, ...], str]:
    """A first request with its plan, where there is none; its target, where there is none either.

    Or what keeps them from being compiled: then the files that people have put there come first.
    """
    requests = checkout.read_tree(root, REQUESTS, limit=0)
    if requests and any(item.path.endswith(SUFFIXES) for item in requests):
        return (), ""
    lying = checkout.read_tree(root, TARGETS, limit=limits.MAX_BYTES)
    targets = [item for item in lying or () if item.path.endswith(".yaml")]
    made = [] if targets else [_whole(root, target_path(_TARGET), _template("target.yaml", {}))]
    targets += map(_source, made)
    names = target_names(item.path for item in targets)
    values = {"target": names[0] if names and _TARGET not in names else _TARGET}
    request = _whole(root, _SAMPLE, _template("request.yaml", values))
    compilation = _compiled(root, _source(request), tuple(targets), now)
    for finding in compilation.findings:
        if finding.severity == "error":
            return (), f"{finding.path}: {finding.message}"
    plans = (_whole(root, path, content) for path, content in compilation.files.items())
    return (*made, *plans, request), ""


def _compiled(root: Path, request: Source, targets: tuple[Found, ...], now: str) -> Compilation:
    generated = lying_generated(root)
    sources = lying_sources(root, generated)._replace(targets=targets)
    return compile([request], context_of(sources, scope=Scope(), now=now))


def _source(item: Item) -> Source:
    content = (item.change.after if item.change else None) or b""
    return Source(item.path, content, len(content))


def _template(name: str, values: Mapping[str, str]) -> bytes:
    return filled(files.read_bytes(_TEMPLATES / name).decode("utf-8"), values)
