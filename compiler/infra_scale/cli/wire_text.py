"""What `wire` and `init` report about lines of Components."""

from typing import TYPE_CHECKING

from infra_scale.cli import terminal

if TYPE_CHECKING:
    from infra_scale.usecases.wire import Wired


def report(wired: "Wired", *, only_shown: bool) -> None:
    """What was not done, and what to do next."""
    for path in wired.invalid:
        terminal.err(f"{path}: skipped, because it is invalid; `infra-scale validate` shows the errors")
    for target in wired.unread:
        terminal.err(f"target {target}: skipped, because it lists no overlays under `manifests`")
    for problem in wired.problems:
        terminal.err(f"{problem.request}: {problem.what}")
        terminal.err(f"    help: {problem.help}")
    if not (wired.changes or wired.problems):
        terminal.err("nothing to do: every known overlay joins its Components")
    if wired.absent and not only_shown:
        terminal.err(f"not rendered yet, so builds fail until then: {', '.join(wired.absent)}")
        terminal.err("next: infra-scale compile")
