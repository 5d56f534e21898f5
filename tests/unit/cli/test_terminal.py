"""Who waits longer than a second sees how far it is; who does not, or is no person, sees nothing."""

import io
import sys

import pytest

from infra_scale.adapters import clock
from infra_scale.cli import terminal


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Both streams as one terminal has them, with a person in front of it."""
    made = _Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr(sys, "stdout", made)
    for name in ("NO_COLOR", "TERM", "CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return made


def _clock(monkeypatch: pytest.MonkeyPatch, *moments: float) -> None:
    remaining = iter(moments)
    monkeypatch.setattr(clock, "monotonic", lambda: next(remaining))


def test_what_takes_less_than_a_second_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    _clock(monkeypatch, 0.0, 0.5, 0.9)
    with terminal.counting() as count:
        assert count
        count("compiling", 1, 3)
        count("compiling", 2, 3)

    assert screen.getvalue() == ""


def test_after_a_second_a_line_counts_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = _screen(monkeypatch)
    _clock(monkeypatch, 0.0, 1.5, 1.52, 2.0)

    def interrupted() -> None:
        with terminal.counting() as count:
            assert count
            count("compiling", 500, 1000)
            count("compiling", 510, 1000)
            count("writing", 1000, 1000)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    half, whole = f"compiling [{'#' * 15}{' ' * 15}] 500 of 1,000", f"writing [{'#' * 30}] 1,000 of 1,000"
    assert screen.getvalue() == f"\r{half}\r{whole.ljust(len(half))}\r{' ' * len(whole)}\r"


def test_the_line_is_gone_before_anything_else_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    _clock(monkeypatch, 0.0, 1.5)
    with terminal.counting() as count:
        assert count
        count("publishing", 1, 2)
        terminal.out("outputs_uri=https://example.com/1")

    bar = f"publishing [{'#' * 15}{' ' * 15}] 1 of 2"
    assert screen.getvalue() == f"\r{bar}\r{' ' * len(bar)}\routputs_uri=https://example.com/1\n"


def test_the_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    monkeypatch.setenv("COLUMNS", "50")
    _clock(monkeypatch, 0.0, 1.5)
    with terminal.progress("publishing") as watch:
        watch("a-target-with-a-long-name", 1, 2)

    assert max(len(part) for part in screen.getvalue().split("\r")) == 49


def test_progress_leaves_standard_output_to_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that draws bars once sent the lines of the contract to standard error."""
    screen = _screen(monkeypatch)
    piped = io.StringIO()
    monkeypatch.setattr(sys, "stdout", piped)
    with terminal.progress("publishing") as watch:
        watch("prod", 1, 2)
        terminal.out("outputs_uri=https://example.com/1")

    assert piped.getvalue() == "outputs_uri=https://example.com/1\n"
    assert screen.getvalue() == ""


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("CI", "true"), ("GITHUB_ACTIONS", "true")])
def test_nobody_counts_in_ci_or_without_codes(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    _screen(monkeypatch)
    monkeypatch.setenv(name, value)
    with terminal.counting() as count:
        assert count is None


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_nobody_counts_where_a_stream_is_no_terminal(monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    _screen(monkeypatch)
    monkeypatch.setattr(sys, stream, io.StringIO())
    with terminal.counting() as count:
        assert count is None
