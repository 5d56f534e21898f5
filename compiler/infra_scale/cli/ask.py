"""Questions at a terminal: with a default, with completion, asked again until the answer can stand."""

from collections.abc import Callable, Sequence

from infra_scale.cli import terminal


def can_ask() -> bool:
    """Whether somebody sits in front of us."""
    return terminal.is_interactive()


def ask(
    question: str,
    *,
    default: str = "",
    choices: Sequence[str] = (),
    fault: Callable[[str], str | None] = lambda _: None,
) -> str:
    """The answer, or the default for an empty one; Tab completes `choices`.

    `fault` says what is wrong with an answer, or None; while it does, the question is asked again.
    """
    shown = f" ({', '.join(choices)})" if choices else ""
    prompt = f"{question}{shown}{f' [{default}]' if default else ''}: "
    while True:
        with terminal.completion(choices):
            answer = terminal.read_line(prompt).strip() or default
        wrong = fault(answer)
        if wrong is None:
            return answer
        terminal.err(f"    {wrong}")


def agree(question: str) -> bool:
    """Whether the answer begins with y; no is the default."""
    return terminal.read_line(f"{question} [y/N]: ").strip().lower().startswith("y")
