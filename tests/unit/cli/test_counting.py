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
    """Standard error as a terminal has it."""
    made = _Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.delenv("NO_COLOR", raising=False)
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

    half, whole = "#" * 15 + " " * 15, "#" * 30
    assert screen.getvalue() == (
        f"\r\x1b[Kcompiling [{half}] 500 of 1,000\r\x1b[Kwriting [{whole}] 1,000 of 1,000\r\x1b[K"
    )


def test_without_a_terminal_or_with_no_color_nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    _screen(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal.counting() as count:
        assert count is None
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with terminal.counting() as count:
        assert count is None
