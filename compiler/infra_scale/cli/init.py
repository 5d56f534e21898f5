"""infra-scale init."""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra_scale.adapters import clock, files, installation
from infra_scale.adapters.environment import environment
from infra_scale.cli import ask, exit_codes, options, terminal
from infra_scale.cli.first_request import asked_for_hook, chosen, request_of
from infra_scale.cli.next_steps import show_next_steps
from infra_scale.cli.offer import offer_to_wire
from infra_scale.core.setup.codeowners import owner_lines
from infra_scale.core.setup.templates import HOOKS, NO_COMMIT, PLACEHOLDER, Origin, origin
from infra_scale.core.syntax.printable import printable
from infra_scale.core.syntax.text import shortened
from infra_scale.errors import UsageError
from infra_scale.model.time import in_milliseconds
from infra_scale.usecases.discovery import discover
from infra_scale.usecases.init import (
    CHECK,
    PUBLISH,
    SCHEMA_FILES,
    Item,
    Setup,
    Wish,
    first_target,
    has_requests,
    is_set_up,
    known_setup,
    set_up,
    write,
)

_URL = re.compile(r"(https|ssh|file)://[A-Za-z0-9._~:/@+-]+")
_COMMIT = re.compile("[0-9a-f]{40}")
_TAG = re.compile(r"v[0-9][0-9A-Za-z.-]*")
_OWNER = re.compile(r"@[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)?|[^\s@#]+@[^\s@#]+\.[^\s@#]+")

_DESCRIPTION = """\
Add requests, schemas, hook and workflows to a repository.

Writes a first request with its target and plan (for a workload that is found in
your manifests, with its current values, else a sample), schemas for your editor,
the pre-commit hook and two workflows, which run infra-scale from one commit.
On a terminal, it asks which workload, and whether hook or bot adds the plans.
Existing files are never changed, except that missing lines are added to
.gitattributes and .gitignore, and with --wire to your kustomizations."""

_EXAMPLES = (
    ("infra-scale init", "in the top folder of your git repository"),
    ("infra-scale init --dry-run", "list the files that would be written"),
    ("infra-scale init --codeowners @acme/platform", "also set the reviewers of targets, workflows and manifests"),
    ("infra-scale init --wire", "also add the Components of existing requests to your overlays"),
    ("infra-scale init --bot", "for teams whose plans are proposed by `publish`"),
    ("infra-scale init --workload Deployment/web", "a first request with the current values of this workload"),
    ("infra-scale init --merge-driver", "generated files never conflict in a merge"),
    ("infra-scale init --source https://git.example.com/tools/infra.scale", "for your fork of infra-scale"),
)
_CODES = (("0", "done"), ("1", "the files could not be written"), ("2", "wrong usage"))

_PLANNED = {"created": "create", "extended": "extend", "kept": "keep"}


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = _root(given.folder)
    now = clock.now(environment().source_date_epoch)
    wish = _wish(given, root, may_ask=ask.can_ask() and not given.dry_run, created_at=in_milliseconds(now))
    setup = set_up(root, wish, now=now)
    if not given.dry_run:
        write(root, setup)
    for line in _lines(setup, dry_run=given.dry_run):
        terminal.out(terminal.fitted(line))
    _advise(setup, wish)
    wired = offer_to_wire(root, is_requested=given.wire, dry_run=given.dry_run)
    if setup.changes and not given.dry_run:
        terminal.err("\nnext:")
        show_next_steps(setup, given.folder, wired, wish)
    return exit_codes.DONE


def _wish(given: argparse.Namespace, root: Path, *, may_ask: bool, created_at: str) -> Wish:
    """The options, with questions for those that are not given. Raises UsageError, FilesError and GitError."""
    known, plans = known_setup(root)
    source, owners = _origin(given, known), tuple(map(_checked_owner, given.codeowners))
    if given.plans is not None:
        plans = given.plans
    elif may_ask and not is_set_up(root):
        plans = asked_for_hook()
    wish = Wish(source, plans, owners, has_merge_driver=given.merge_driver)
    if has_requests(root):
        if given.workload is not None:
            message = "--workload is for the first request, and requests/ has one"
            raise UsageError(message, hint="write another request with `infra-scale new`")
        return wish
    folders, workloads = discover(root)
    first = chosen(workloads, given.workload, may_ask=may_ask)
    target = first_target(root)
    request = first and request_of(first, root=root, target=target, created_at=created_at)
    return wish._replace(manifests=folders, first=request)


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("init", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    written = command.add_argument_group("what is written")
    written.add_argument(
        "folder",
        nargs="?",
        metavar="DIR",
        default=".",
        help="the top folder of the repository (default: the current folder)",
    )
    written.add_argument("--dry-run", action="store_true", help="list the files, and write nothing")
    written.add_argument(
        "--source",
        metavar="URL",
        help="the git repository of infra-scale (default: as in existing files, else the one it was installed from)",
    )
    written.add_argument(
        "--commit",
        metavar="SHA",
        help="the full SHA of the infra-scale commit for hook and workflows (default: the same)",
    )
    who = written.add_mutually_exclusive_group()
    who.add_argument(
        "--hook",
        dest="plans",
        action="store_true",
        default=None,
        help="plans are committed with their requests, by the pre-commit hook (default, unless existing files differ)",
    )
    who.add_argument(
        "--bot",
        "--no-plans",
        dest="plans",
        action="store_false",
        help="do not expect plans in pull requests: `publish` proposes them after the merge",
    )
    written.add_argument(
        "--workload",
        metavar="KIND/NAME",
        help="the workload of the first request, with its current values (default: the first in your manifests)",
    )
    written.add_argument(
        "--merge-driver", action="store_true", help="add a git merge driver for generated files to .gitattributes"
    )
    written.add_argument(
        "--codeowners",
        metavar="OWNER",
        action="append",
        default=[],
        help="write .github/CODEOWNERS with this reviewer of targets, workflows and manifests; repeatable",
    )
    written.add_argument(
        "--wire",
        action="store_true",
        help="also add the Components of existing requests to your overlays, as `wire` does "
        "(default: ask, if a line is missing and the input is a terminal)",
    )
    return command


def _root(named: str) -> Path:
    """The folder to set up, which may not exist. Raises UsageError and FilesError."""
    place = files.current_folder() / named
    if files.is_there(place) and not files.is_folder(place):
        message = f"{named} is not a folder"
        raise UsageError(message, hint="DIR must be the top folder of your repository")
    return Path(os.path.realpath(place))


def _origin(given: argparse.Namespace, known: Origin | None) -> Origin:
    """The source of infra-scale: the given one, else the previous one, else that of this installation."""
    installed = installation.git_origin()
    sources = (one and one[0].rstrip("/") for one in (known, installed))
    usable = (
        url for url in sources if url and url != PLACEHOLDER and _URL.fullmatch(url) and not _has_credentials(url)
    )
    source = _checked(given.source) if given.source else next(usable, PLACEHOLDER)
    if given.commit:
        return origin(source, _checked_commit(given.commit), "")
    if known and known.commit != NO_COMMIT:
        return known._replace(source=source)
    # A commit identifies its content: another URL has the same commit or none.
    if installed and _COMMIT.fullmatch(installed.commit):
        return origin(source, installed.commit, installed.revision if _TAG.fullmatch(installed.revision) else "")
    return origin(source, NO_COMMIT, "")


def _checked_commit(text: str) -> str:
    """Raises UsageError."""
    if _COMMIT.fullmatch(text) and text != NO_COMMIT:
        return text
    message = f"--commit must be a full SHA of 40 lower-case hexadecimal digits, got {shortened(text)!r}"
    raise UsageError(message, hint="a tag or branch can be moved; `git rev-parse v1.2.3^{commit}` prints its commit")


def _checked_owner(text: str) -> str:
    """Raises UsageError."""
    if _OWNER.fullmatch(text):
        return text
    message = f"--codeowners must be @user, @organization/team or an e-mail address, got {shortened(text)!r}"
    raise UsageError(message, hint="for example --codeowners @acme/platform")


def _checked(url: str) -> str:
    """A URL that git, pip and YAML read alike, without a password. Raises UsageError."""
    if not _URL.fullmatch(url):
        message = f"{url} is not a URL that both pip and pre-commit can install from"
        raise UsageError(message, hint=f"write it as https://…, ssh://… or file://…, for example {PLACEHOLDER}")
    if _has_credentials(url):
        message = "the URL has credentials, which would be committed"
        raise UsageError(message, hint="remove the part before the @; use git's credential helper")
    return url.rstrip("/")


def _has_credentials(url: str) -> bool:
    return url.startswith("https://") and "@" in url


def _lines(setup: Setup, *, dry_run: bool) -> Iterator[str]:
    for item in sorted(setup.items, key=lambda item: item.path):
        if item.state != "same":
            yield f"{_PLANNED[item.state] if dry_run else item.state:<9} {item.path}{_remark(item)}"
    if not setup.changes:
        yield "nothing to do: all files exist"


def _remark(item: Item) -> str:
    if item.state != "kept":
        return ""
    name = SCHEMA_FILES.get(item.path, "").removesuffix(".schema.json")
    return f": {item.reason}" + (f" (`infra-scale schema {name}` prints this version's)" if name else "")


def _advise(setup: Setup, wish: Wish) -> None:
    if setup.hook_to_add:
        terminal.err(f"\n{HOOKS} exists and is not changed: add the hook to it:")
        for line in setup.hook_to_add.splitlines()[1:]:
            terminal.quote(line)
    if setup.no_sample:
        terminal.err(f"\nno sample was written, because it would not compile: {printable(setup.no_sample)}")
        terminal.err("    help: `infra-scale validate` shows the location; fix it, and run `infra-scale init` again")
    _advise_on_origin(setup, wish.origin)
    place, unowned = setup.owners_to_add
    if unowned and (setup.changes or wish.owners):
        terminal.err(f"\nthese paths affect checks and deployments, and have no code owner; add to {place}:")
        for line in owner_lines(wish.owners or ("@your-org/platform",), unowned).splitlines():
            terminal.quote(line)
        if not wish.owners and not any(item.path == place for item in setup.items):
            terminal.err(
                "    help: `infra-scale init --codeowners @your-org/platform` writes the file if it does not exist"
            )


def _advise_on_origin(setup: Setup, wanted: Origin) -> None:
    """Placeholders to replace: with a placeholder, hook and workflows fail without running anything."""
    written = [change.path for change in setup.changes if change.path in (HOOKS, CHECK, PUBLISH)]
    if not written:
        return
    if wanted.source == PLACEHOLDER:
        terminal.err(f"\nreplace {PLACEHOLDER} with the URL of your fork, or set it with --source")
    if wanted.commit == NO_COMMIT:
        terminal.err(
            f"\nthe commit of infra-scale is unknown; until you set it, these files fail: {', '.join(written)}"
        )
        terminal.err(f"    help: replace {NO_COMMIT} with its full SHA, or remove the files and use --commit")
