"""infra-scale init."""

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra_scale.adapters import clock, files, installation
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, terminal
from infra_scale.core.render.findings_text import printable
from infra_scale.core.render.setup import PLACEHOLDER
from infra_scale.errors import UsageError
from infra_scale.usecases.init import HOOKS, SCHEMA_FILES, Item, Setup, known_source, set_up, write

_URL = re.compile(r"(https|ssh|file)://[A-Za-z0-9._~:/@+-]+")
_OURS = ("requests", "ops", "schemas")

_DESCRIPTION = """\
Bring requests, schemas, hook and workflow into a repository.

Writes a sample request with its target and plan, schemas for your editor, the
pre-commit hook and a workflow. A file that is there already is never changed,
but for lines that .gitattributes and .gitignore lack."""

_EXAMPLES = (
    ("infra-scale init", "in the top folder of your git repository"),
    ("infra-scale init --dry-run", "list what would be written"),
    ("infra-scale init --source https://git.example.com/tools/infra.scale", "for your own copy of infra-scale"),
)
_CODES = (("0", "done"), ("1", "the files could not be written"), ("2", "wrong usage"))

_PLANNED = {"created": "create", "extended": "extend", "kept": "keep"}


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = _root(given.folder)
    source = _checked(given.source) if given.source else _source(root)
    setup = set_up(root, source=source, now=clock.now(environment().source_date_epoch))
    if not given.dry_run:
        write(root, setup)
    for line in _lines(setup, dry_run=given.dry_run):
        terminal.out(terminal.fitted(line))
    _advise(setup, source=source)
    if setup.changes and not given.dry_run:
        terminal.err("\nnext:")
        for command, remark in _next_steps(setup, given.folder):
            _step(command, remark)
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    made = options.parser("init", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    written = made.add_argument_group("what is written")
    written.add_argument(
        "folder", nargs="?", metavar="DIR", default=".", help="the top of the repository (default: here)"
    )
    written.add_argument("--dry-run", action="store_true", help="list what would be written, and write nothing")
    written.add_argument(
        "--source",
        metavar="URL",
        help="the git repository of infra-scale (default: as before, or the one it was installed from)",
    )
    return made


def _root(named: str) -> Path:
    """The folder to set up, which may be missing. Raises UsageError, and FilesError."""
    place = files.current_folder() / named
    if files.is_there(place) and not files.is_folder(place):
        message = f"{named} is not a folder"
        raise UsageError(message, hint="DIR names the top folder of your repository")
    return Path(os.path.realpath(place))


def _source(root: Path) -> str:
    """The git repository of infra-scale where nobody names one: that of the last time, or of this installation."""
    known = (url for url in (known_source(root), installation.git_url()) if url and _URL.fullmatch(url))
    return next((url for url in known if not _has_credentials(url)), PLACEHOLDER)


def _checked(url: str) -> str:
    """A URL that git, pip and YAML read alike, without a password. Raises UsageError."""
    if not _URL.fullmatch(url):
        message = f"{url} is not a URL that both pip and pre-commit can install from"
        raise UsageError(message, hint=f"write it as https://…, ssh://… or file://…, for example {PLACEHOLDER}")
    if _has_credentials(url):
        message = "the URL carries credentials, and would be committed"
        raise UsageError(message, hint="leave out what stands before the @; let git's credential helper know it")
    return url.rstrip("/")


def _has_credentials(url: str) -> bool:
    return url.startswith("https://") and "@" in url


def _lines(setup: Setup, *, dry_run: bool) -> Iterator[str]:
    for item in sorted(setup.items, key=lambda item: item.path):
        if item.state != "same":
            yield f"{_PLANNED[item.state] if dry_run else item.state:<9} {item.path}{_remark(item)}"
    if not setup.changes:
        yield "nothing to do: everything is there already"


def _remark(item: Item) -> str:
    if item.state != "kept":
        return ""
    name = SCHEMA_FILES.get(item.path, "").removesuffix(".schema.json")
    return f": {item.reason}" + (f" (`infra-scale schema {name}` prints this version's)" if name else "")


def _advise(setup: Setup, *, source: str) -> None:
    if setup.hook_to_add:
        terminal.err(f"\n{HOOKS} is yours: add the hook to it:")
        for line in setup.hook_to_add.splitlines()[1:]:
            terminal.quote(line)
    if setup.no_sample:
        terminal.err(f"\nno sample was written, for it would not compile: {printable(setup.no_sample)}")
        terminal.err("    help: `infra-scale validate` shows the place; mend it, and call `infra-scale init` again")
    if source == PLACEHOLDER and any(change.path.startswith((".pre", ".github")) for change in setup.changes):
        terminal.err(f"\nput your copy's address in the place of {PLACEHOLDER}, or name it with --source")


def _next_steps(setup: Setup, folder: str) -> Iterator[tuple[str, str]]:
    """Commands, and what is said about each."""
    if os.path.relpath(folder) != ".":
        yield f"cd {printable(shlex.quote(folder))}", ""
    if not setup.in_git:
        yield "git init", "it is no git repository yet"
    yield "pre-commit install", "pip install pre-commit"
    yield f"git add {shlex.join(_to_add([change.path for change in setup.changes]))}", ""
    yield "git commit -m 'Set up infra-scale'", "the hook passes"
    yield "infra-scale doctor", "what is missing here and on GitHub"


def _step(command: str, remark: str) -> None:
    """A command with its remark beside it, or above it where there is no room."""
    beside = f"{command:<36} # {remark}"
    if not remark:
        terminal.command(command)
    elif len(f"    {beside}") <= terminal.width_aside():
        terminal.command(beside)
    else:
        terminal.err(f"    # {remark}")
        terminal.command(command)


def _to_add(paths: Sequence[str]) -> list[str]:
    """The written paths, the folders that are ours as a whole."""
    tops = (path.split("/")[0] for path in paths)
    return sorted({top if top in _OURS else path for top, path in zip(tops, paths, strict=True)})
