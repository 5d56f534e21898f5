"""infra-scale diff."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from infra_scale.adapters import clock, git
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, terminal
from infra_scale.core.reporting.changes_json import comparison_json
from infra_scale.core.reporting.changes_markdown import comparison_document
from infra_scale.core.reporting.findings_json import VERSION, Json, finding_json
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.syntax.markdown import code
from infra_scale.core.syntax.printable import printable
from infra_scale.model.names import SUFFIXES
from infra_scale.model.time import in_seconds
from infra_scale.usecases.diff import Base, Compared, Ends, Refused, diff, ends_of

_DESCRIPTION = """\
Show what changes in the clusters between a commit and the work tree, or
between two commits: replicas, requests and limits, autoscalers, monthly cost
and capacity. Both sides are compiled from their requests, targets, manifests, snapshots and
prices; plans need not be committed, and nothing is written."""

_EXAMPLES = (
    ("infra-scale diff", "since the merge base with the remote's default branch"),
    ("infra-scale diff HEAD", "uncommitted changes"),
    ("infra-scale diff main requests/web.yaml", "only this request"),
    ("infra-scale diff v1.4 --target prod", "all requests for one target, since a tag"),
    ("infra-scale diff main...feature", "a branch, since it left main"),
    ("infra-scale diff --exit-code --quiet", "for scripts: exit 3 if anything changes"),
    ("infra-scale diff --format markdown", "as in pull requests and comments"),
)
_CODES = (
    ("0", "done; with --exit-code: nothing changes"),
    ("1", "one side is invalid, or this clone does not have the commit"),
    ("2", "wrong usage"),
    ("3", "with --exit-code: there are changes"),
)

Status = Literal["changed", "unchanged", "empty"]


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_intermixed_args(arguments)
    root = options.root_folder(given.root)
    name, paths = _base_and_paths(root, given)
    scope = options.scope(paths, given.target, root=root)
    now = clock.now(environment().source_date_epoch)
    found = diff(root, ends_of(root, name), scope=scope, now=now, as_of=options.as_of(given))
    if isinstance(found, Refused):
        _refuse(found, given.format)
        return exit_codes.FAILED
    if not given.quiet:
        _show(found, given.format)
    return exit_codes.CHANGED if given.exit_code and status(found) == "changed" else exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("diff", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    compared = command.add_argument_group("what is compared")
    compared.add_argument(
        "base",
        nargs="?",
        metavar="BASE",
        help="a commit, branch or tag, or A..B for two of them, or A...B for B since its merge base with A "
        "(default: the merge base with the remote's default branch, else HEAD)",
    )
    options.add_scope(compared, judged="no snapshot is stale")
    output = command.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        metavar="FORMAT",
        help="text, json, or markdown as in pull requests (default: text)",
    )
    output.add_argument("--exit-code", action="store_true", help="exit with 3 if anything changes")
    output.add_argument("-q", "--quiet", action="store_true", help="print no differences")
    return command


def status(found: Compared) -> Status:
    """The status of a comparison: no requests (empty) differs from no changes (unchanged)."""
    comparison = found.comparison
    if not (comparison.requests.before or comparison.requests.after):
        return "empty"
    return "changed" if comparison.changes else "unchanged"


def _base_and_paths(root: Path, given: argparse.Namespace) -> tuple[str | None, list[str]]:
    """The first name is a base, unless no commit has it and it can be a request."""
    name: str | None = given.base
    paths: list[str] = given.paths
    if name and git.commit_of(root, name) is None and (os.path.lexists(name) or name.endswith(SUFFIXES)):
        return None, [name, *paths]
    return name, paths


def _document(found: Compared) -> dict[str, Json]:
    return {
        "version": VERSION,
        "command": "diff",
        "status": status(found),
        **_ends(found.ends),
        "asOf": in_seconds(found.as_of) if found.as_of else None,
        **comparison_json(found.comparison),
    }


def _ends(ends: Ends) -> dict[str, Json]:
    head: dict[str, Json] = {"head": _base(ends.head)} if ends.head else {}
    return {"base": _base(ends.base), **head}


def _base(base: Base) -> Json:
    return {"chosen": base.chosen, "name": base.name, "commit": base.commit}


def _refuse(refused: Refused, shape: str) -> None:
    ends, is_work_tree = refused.ends, refused.is_head and refused.ends.head is None
    side = ends.head_words(printable) if refused.is_head else ends.base.words(printable)
    if shape == "json":
        document: dict[str, Json] = {
            "version": VERSION,
            "command": "diff",
            "status": "invalid",
            **_ends(refused.ends),
            "side": ("head" if refused.ends.head else "work tree") if refused.is_head else "base",
            "findings": [finding_json(finding) for finding in refused.errors],
        }
        terminal.out(json.dumps(document, ensure_ascii=False, indent=2))
        return
    first, *others = refused.errors
    more = f" (the first of {len(refused.errors)} errors)" if others else ""
    terminal.err(f"infra-scale: {side} cannot be compared: it is invalid{more}")
    terminal.err(finding_text(first, width=terminal.width_aside()))
    help = "commit a fix, or name an earlier base" if refused.is_newest else "name a later base"
    help = "name another commit" if refused.is_head else help
    terminal.err(f"    help: {'`infra-scale validate` shows all there is' if is_work_tree else help}")


def _show(found: Compared, shape: str) -> None:
    if shape == "json":
        terminal.out(json.dumps(_document(found), ensure_ascii=False, indent=2))
    elif shape == "markdown":
        base, head = found.ends.base.words(code), found.ends.head_words(code)
        terminal.out(comparison_document(found.comparison, base=base, head=head).rstrip("\n"))
    else:
        _draw(found)


def _draw(found: Compared) -> None:
    from infra_scale.cli.diff_text import Look, lines  # noqa: PLC0415 (rich, only for what people look at)

    for line in lines(found, Look(terminal.width(), has_colour=terminal.has_colour())):
        terminal.out(line)
