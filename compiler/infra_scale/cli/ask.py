"""Questions at a terminal, with default and completion, repeated until the answer is valid."""

from collections.abc import Callable, Sequence

from infra_scale.cli import terminal


def can_ask() -> bool:
    """Whether the input is interactive."""
    return terminal.is_interactive()


def ask(
    question: str,
    *,
    default: str = "",
    choices: Sequence[str] = (),
    fault: Callable[[str], str | None] = lambda _: None,
) -> str:
    """The answer, or the default for an empty one; Tab completes `choices`.

    `fault` returns the error of an answer, or None; the question is repeated until it is None.
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
