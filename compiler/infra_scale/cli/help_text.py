"""The help of a command, in the width of the terminal: imported only for `--help`."""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence

from infra_scale.cli.wrapping import command_lines, wrapped

Rows = Sequence[tuple[str, str]]
"""Terms and their descriptions."""
Groups = Sequence[tuple[str, Sequence[argparse.Action]]]
"""Options by group title."""

_WIDEST = 100
"""Longer lines are hard to read, on terminals of any width."""
_ROOM = 28
"""With less space, the description is below the term."""
_LONGEST_OPTION = 22
_LONGEST_EXAMPLE = 0.55
"""As a part of the line. Longer terms have separate lines."""


def help_text(prog: str, description: str, groups: Groups, sections: Mapping[str, Rows], *, width: int) -> str:
    """The complete text of `--help`."""
    width = min(width, _WIDEST)
    ordered = sorted(groups, key=_is_about_help)
    lines = [*usage_lines(prog, [action for _, actions in groups for action in actions], width=width)]
    for paragraph in description.split("\n\n"):
        lines += ["", *wrapped(" ".join(paragraph.split()), width)]
    column = max(len(term) for _, actions in groups for term, _ in _rows(actions) if len(term) <= _LONGEST_OPTION)
    for title, actions in ordered:
        lines += ["", f"{title}:", *_table(_rows(actions), column, width, below=column + 4)]
    for title, rows in sections.items():
        lines += ["", f"{title}:", *section_lines(rows, width=width)]
    return "\n".join(lines) + "\n"


def section_lines(rows: Rows, *, width: int) -> list[str]:
    """The text of a section."""
    fitting = [len(term) for term, said in rows if said and len(term) <= width * _LONGEST_EXAMPLE]
    return [*_table(rows, max(fitting, default=0), width, below=6)]


def usage_lines(prog: str, actions: Iterable[argparse.Action], *, width: int) -> list[str]:
    """The usage line; options are listed separately."""
    words = [_positional(action) for action in actions if not action.option_strings]
    return wrapped(" ".join([prog, "[OPTIONS]", *words]), width, first="usage: ", then=" " * 4)


def _is_about_help(group: tuple[str, Sequence[argparse.Action]]) -> bool:
    """The options of every command come last."""
    return any("--help" in action.option_strings for action in group[1])


def _positional(action: argparse.Action) -> str:
    # With intermixed options and names, argparse keeps the real number elsewhere (until Python 3.12).
    number = getattr(action, "save_nargs", action.nargs)
    return {"?": f"[{action.metavar}]", "*": f"[{action.metavar} ...]"}.get(str(number), str(action.metavar))


def _rows(actions: Iterable[argparse.Action]) -> list[tuple[str, str]]:
    return [(_term(action), action.help or "") for action in actions if action.help is not argparse.SUPPRESS]


def _term(action: argparse.Action) -> str:
    if not action.option_strings:
        return str(action.metavar)
    takes = "" if action.nargs == 0 else f" {action.metavar}{' ...' if action.nargs == '+' else ''}"
    return f"{', '.join(action.option_strings)}{takes}"


def _table(rows: Rows, column: int, width: int, *, below: int) -> Iterator[str]:
    """Terms and descriptions side by side if both fit; else one `below` the other."""
    room = width - column - 4
    for term, said in rows:
        if room >= _ROOM and len(term) <= column and _widest_word(said) <= room:
            yield from wrapped(said, width, first=f"  {term:<{column}}  ", then=" " * (column + 4))
            continue
        yield from command_lines(term, width, first="  ")
        if said:
            indent = " " * (below if room >= _ROOM else 6)
            yield from wrapped(said, width, first=indent, then=indent)


def _widest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)
