"""The one error boundary: every exception becomes a message and an exit code, never a traceback."""

import sys
from collections.abc import Callable
from pathlib import Path

from infra_scale import __version__
from infra_scale.cli import exit_codes, terminal
from infra_scale.errors import InfraScaleError, UsageError


def guarded(command: Callable[[], int]) -> int:
    """The exit code of `command`, or the one for its failure."""
    terminal.prepare()
    try:
        code = command()
        terminal.flush()
    except InfraScaleError as error:
        _explain(error)
        return exit_codes.USAGE if isinstance(error, UsageError) else exit_codes.FAILED
    except KeyboardInterrupt as interrupt:
        done = str(interrupt) or "the files written so far are complete, and the next run writes the rest"
        terminal.err(f"infra-scale: interrupted; {done}")
        return exit_codes.INTERRUPTED
    except terminal.ReaderGone:
        return exit_codes.FAILED
    except Exception as error:
        _report(error)
        return exit_codes.FAILED
    return code


def _explain(error: InfraScaleError) -> None:
    from infra_scale.core.syntax.printable import printable  # noqa: PLC0415 (only for an error)

    terminal.err(f"infra-scale: {printable(error.message)}")
    if error.hint:
        terminal.err(f"    help: {printable(error.hint)}")


def _report(error: Exception) -> None:
    import platform  # noqa: PLC0415 (only for a bug report)
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    from infra_scale.core.syntax.printable import printable  # noqa: PLC0415

    report = "\n".join(
        (
            "### version",
            f"infra-scale {__version__}, Python {platform.python_version()}, {platform.platform()}",
            "### command",
            " ".join(sys.argv[1:]),
            "### error",
            "".join(traceback.format_exception(error)),
        )
    )
    terminal.err(f"infra-scale: this is a bug in infra-scale ({type(error).__name__}); nothing is half-written")
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="infra-scale-", suffix=".log", delete=False, errors="backslashreplace"
        ) as file:
            file.write(report)
    except OSError:
        innermost = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(innermost.filename).name}:{innermost.lineno}"
        terminal.err(f"    help: report it with: {printable(f'{type(error).__name__}: {error}')} at {place}")
    else:
        terminal.err(f"    help: report it with {file.name}")
