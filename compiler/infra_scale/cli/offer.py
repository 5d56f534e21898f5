"""The offer of `init` to add the Components of existing requests to the kustomizations that build them."""

from pathlib import Path

from infra_scale.adapters import files
from infra_scale.cli import ask, terminal
from infra_scale.cli.wire_text import report
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import REQUESTS
from infra_scale.model.scope import Scope
from infra_scale.usecases.wire import Wired, wire, write

_EVERYTHING = Scope(None, ())


def offer_to_wire(root: Path, *, is_requested: bool, dry_run: bool) -> tuple[str, ...]:
    """Add missing lines if they are requested, or at a terminal agreed to; returns the paths of the edited files.

    Elsewhere nothing is asked, and the next steps have the command. Raises InfraScaleError.
    """
    found = _missing(root, is_requested=is_requested)
    if found is None or not (is_requested or found.changes):
        return ()
    if not is_requested and not (not dry_run and ask.can_ask() and ask.agree(_question(found))):
        return ()
    if not dry_run:
        write(root, found)
    for change in found.changes:
        terminal.out(terminal.fitted(f"{'update' if dry_run else change.verb:<9} {change.path}"))
    report(found, only_shown=dry_run)
    return tuple(change.path for change in found.changes)


def _missing(root: Path, *, is_requested: bool) -> Wired | None:
    if not files.is_folder(root / REQUESTS):
        return None
    try:
        return wire(root, _EVERYTHING)
    except InfraScaleError:
        if is_requested:
            raise
        return None


def _question(found: Wired) -> str:
    places = [change.path for change in found.changes]
    named = places[0] if len(places) == 1 else f"{len(places)} kustomizations"
    return f"add the missing Components to {named} (`infra-scale wire --dry-run` shows the diff)?"
