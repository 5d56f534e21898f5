"""infra-scale publish."""

import argparse
from collections.abc import Iterable, Iterator, Sequence

from infra_scale.adapters import clock, step_outputs
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, renamed, terminal, wiring
from infra_scale.core.generated.unexpected import RULE as UNEXPECTED
from infra_scale.core.proposing.plans import TargetPlans
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.syntax.printable import printable
from infra_scale.errors import InfraScaleError
from infra_scale.model.proposal import Proposal
from infra_scale.usecases.base import Base, local_base, read_base
from infra_scale.usecases.diff import base_of
from infra_scale.usecases.publish import Published, Settings, drafts, preview, publish

_EXAMPLES = (
    ("infra-scale publish", "in CI, after a merge: one pull request per target"),
    ("infra-scale publish --target prod", "only this target"),
    ("infra-scale publish --preview", "print the pull requests as Markdown, without GitHub"),
    ("infra-scale publish --dry-run", "list what would be proposed, and write nothing"),
)
_MORE = {
    "environment": (
        ("GITHUB_TOKEN", "the account that opens the pull requests"),
        ("GITHUB_REPOSITORY", "owner/name; or GH_OWNER and GH_REPO"),
        ("GITHUB_API_URL", "for GitHub Enterprise"),
    ),
    "standard output": (
        ("outputs_uri=URL", "for each pull request"),
        ("awaiting_approval", "the last line, if pull requests are open"),
        ("up_to_date", "the last line, if nothing differs"),
        ("failed", "the last line, after the error; exit code 1"),
        ("--preview", "only Markdown, unless it failed"),
    ),
    "outputs of the step": (
        ("changed", "true or false: whether a pull request was opened, updated or closed"),
        ("pull-request", "URLs of the open pull requests, separated by spaces"),
    ),
}
_CODES = (
    ("0", "done"),
    ("1", "a request is invalid, a branch has foreign commits, or a GitHub call failed"),
    ("2", "wrong usage"),
)

_WORDS = {
    "opened": "opened",
    "updated": "updated",
    "unchanged": "is up to date",
    "closed": "closed: no differences remain",
    "blocked": "not updated: its branch has content that infra-scale did not make",
    "ignored": "ignored: it has content that infra-scale did not make, and there is nothing to propose for it",
    "waiting": "skipped: --max-open pull requests are already open",
    "rejected": "not reopened: this exact proposal was closed by a reviewer",
}

_OPEN = ("opened", "updated", "unchanged")
"""States with an open pull request that has the current plans."""


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns 0 or 1; every failure ends with the contract line `failed`."""
    given = parser().parse_args(arguments)
    done = False
    try:
        code = _run(given)
        done = True
    except InfraScaleError as error:
        terminal.out(printable(error.message))
        terminal.out("failed")
        done = True
        if error.hint:
            terminal.err(f"    help: {printable(error.hint)}")
        return exit_codes.FAILED
    finally:
        if not done:  # a bug or Ctrl-C, which the boundary reports
            terminal.out("failed")
    return code


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "publish",
        description="Open, update or close one approval pull request per target.",
        examples=_EXAMPLES,
        codes=_CODES,
        more=_MORE,
    )
    chosen = command.add_argument_group("what is proposed")
    chosen.add_argument("--target", metavar="T", help="only this target")
    chosen.add_argument(
        "--keep-going", action="store_true", help="publish the plans of valid requests even if others are invalid"
    )
    shown = chosen.add_mutually_exclusive_group()
    shown.add_argument("--dry-run", action="store_true", help="write nothing; list what would be proposed")
    shown.add_argument(
        "--preview",
        action="store_true",
        help="print the pull requests of a local commit (--base, default: HEAD) as Markdown, without GitHub",
    )
    options.add_root(chosen)
    there = command.add_argument_group("on GitHub")
    there.add_argument("--base", metavar="BRANCH", help="the base branch (default: the repository's default branch)")
    there.add_argument(
        "--max-open", metavar="N", type=int, default=100, help="maximum number of open pull requests (default: 100)"
    )
    allow_account = there.add_argument(
        "--allow-account",
        metavar="LOGIN",
        action="append",
        default=[],
        help="an account that may change other files on these branches, such as changelog[bot]; repeatable",
    )
    renamed.add_old_name(there, "--helper", allow_account)
    there.add_argument(
        "--rules-page", metavar="URL", default="", help="base URL of the links in findings (default: no links)"
    )
    return command


def _run(given: argparse.Namespace) -> int:
    now, root = clock.now(environment().source_date_epoch), options.root_folder(given.root)
    accounts, actor = frozenset(given.allow_account), environment().github_actor
    settings = Settings(now, given.target, given.max_open, accounts, given.rules_page, actor)
    if given.preview:
        named = base_of(root, given.base or "HEAD")
        base = local_base(root, named.name, named.commit, now=now)
        return _refuse(base) if _is_refused(base, given) else _draft(drafts(base, settings))
    forge = wiring.forge()
    base = read_base(forge, root, branch=given.base or forge.default_branch, now=now)
    if _is_refused(base, given):
        return _refuse(base)
    if given.dry_run:
        return _list(preview(forge, base, only=given.target))
    with terminal.progress("publishing") as watch:
        results = list(_reported(publish(forge, base, settings, watch)))
    is_changed = any(one.state in ("opened", "updated", "closed") for one in results)
    urls = " ".join(one.url for one in results if one.state in _OPEN)
    step_outputs.write({"changed": "true" if is_changed else "false", "pull-request": urls})
    if not base.compilation.is_valid:
        return _refuse(base)
    return _sum_up(results)


def _is_refused(base: Base, given: argparse.Namespace) -> bool:
    """Whether invalid requests prevent every proposal; unexpected files are only reported."""
    for finding in base.compilation.findings:
        if finding.rule == UNEXPECTED:
            terminal.err(finding_text(finding, width=terminal.width_aside()))
    return not base.compilation.is_valid and not given.keep_going


def _draft(proposals: Iterable[Proposal]) -> int:
    """Print title and body of each pull request."""
    texts = [f"# {proposal.title}\n\n{proposal.body}" for proposal in proposals]
    for text in texts:
        terminal.out(text)
    if not texts:
        terminal.err("no pull request would be opened: all plans are up to date")
    return exit_codes.DONE


def _reported(results: Iterable[Published]) -> Iterator[Published]:
    """Print each result, and pass it on."""
    for published in results:
        what = published.url or ("its branch" if published.state == "ignored" else "the pull request")
        terminal.err(printable(f"{published.target}: {what} {_WORDS[published.state]}"))
        if published.state in _OPEN:
            terminal.out(f"outputs_uri={published.url}")
        yield published


def _sum_up(results: Sequence[Published]) -> int:
    states = {published.state for published in results}
    if "blocked" in states:
        terminal.out("failed")
        return exit_codes.FAILED
    waiting = states & {"opened", "updated", "unchanged", "waiting"}
    terminal.out("awaiting_approval" if waiting else "up_to_date")
    return exit_codes.DONE


def _refuse(base: Base) -> int:
    errors = base.compilation.errors
    for finding in errors:
        terminal.err(finding_text(finding, width=terminal.width_aside()))
    terminal.out(f"{_counted(len(errors))} in the requests of {base.branch}; their plans were not published")
    terminal.out("failed")
    return exit_codes.FAILED


def _list(wanted: Sequence[TargetPlans]) -> int:
    for change in wanted:
        terminal.err(f"{change.target}: would propose {len(change.files)} files")
        for path, content in change.files.items():
            terminal.err(f"    {'delete' if content is None else 'write '} {path}")
    terminal.out("awaiting_approval" if wanted else "up_to_date")
    return exit_codes.DONE


def _counted(errors: int) -> str:
    return "1 error" if errors == 1 else f"{errors} errors"
