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
from infra_scale.usecases.diff import Base, Compared, Refused, base_of, diff

_DESCRIPTION = """\
Show what changes in the clusters between a commit and the work tree:
replicas, requests and limits, autoscalers, monthly cost and capacity. Both
sides are compiled from their requests, targets, manifests, snapshots and
prices; plans need not be committed, and nothing is written."""

_EXAMPLES = (
    ("infra-scale diff", "since the merge base with the remote's default branch"),
    ("infra-scale diff HEAD", "uncommitted changes"),
    ("infra-scale diff main requests/web.yaml", "only this request"),
    ("infra-scale diff v1.4 --target prod", "all requests for one target, since a tag"),
    ("infra-scale diff --format markdown", "as in pull requests and comments"),
)
_CODES = (
    ("0", "done, with or without differences"),
    ("1", "one side is invalid, or this clone does not have the commit"),
    ("2", "wrong usage"),
)

Status = Literal["changed", "unchanged", "empty"]


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_intermixed_args(arguments)
    root = options.root_folder(given.root)
    name, paths = _base_and_paths(root, given)
    scope = options.scope(paths, given.target, root=root)
    now = clock.now(environment().source_date_epoch)
    found = diff(root, base_of(root, name), scope=scope, now=now, as_of=options.as_of(given))
    if isinstance(found, Refused):
        _refuse(found, given.format)
        return exit_codes.FAILED
    if given.format == "json":
        terminal.out(json.dumps(_document(found), ensure_ascii=False, indent=2))
    elif given.format == "markdown":
        terminal.out(comparison_document(found.comparison, base=found.base.words(code)).rstrip("\n"))
    else:
        _draw(found)
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("diff", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    compared = command.add_argument_group("what is compared")
    compared.add_argument(
        "base",
        nargs="?",
        metavar="BASE",
        help="a commit, branch or tag (default: the merge base with the remote's default branch, else HEAD)",
    )
    options.add_scope(compared, judged="no snapshot is stale")
    command.add_argument_group("output").add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        metavar="FORMAT",
        help="text, json, or markdown as in pull requests (default: text)",
    )
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
        "base": _base(found.base),
        "asOf": in_seconds(found.as_of) if found.as_of else None,
        **comparison_json(found.comparison),
    }


def _base(base: Base) -> Json:
    return {"chosen": base.chosen, "name": base.name, "commit": base.commit}


def _refuse(refused: Refused, shape: str) -> None:
    side = "the work tree" if refused.is_work_tree else refused.base.words(printable)
    if shape == "json":
        document: dict[str, Json] = {
            "version": VERSION,
            "command": "diff",
            "status": "invalid",
            "base": _base(refused.base),
            "side": "work tree" if refused.is_work_tree else "base",
            "findings": [finding_json(finding) for finding in refused.errors],
        }
        terminal.out(json.dumps(document, ensure_ascii=False, indent=2))
        return
    first, *others = refused.errors
    more = f" (the first of {len(refused.errors)} errors)" if others else ""
    terminal.err(f"infra-scale: {side} cannot be compared: it is invalid{more}")
    terminal.err(finding_text(first, width=terminal.width_aside()))
    help = "commit a fix, or name an earlier base" if refused.is_newest else "name a later base"
    terminal.err(f"    help: {'`infra-scale validate` shows all there is' if refused.is_work_tree else help}")


def _draw(found: Compared) -> None:
    from infra_scale.cli.diff_text import Look, lines  # noqa: PLC0415 (rich, only for what people look at)

    for line in lines(found, Look(terminal.width(), has_colour=terminal.has_colour())):
        terminal.out(line)
