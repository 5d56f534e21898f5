"""A picture of what a command shows on a terminal: SVG without scripts, fonts or addresses, light or dark."""

import re
from io import StringIO

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_BLACK, _RED, _GREEN, _YELLOW, _BLUE = (36, 41, 47), (207, 34, 46), (17, 99, 41), (125, 78, 0), (9, 105, 218)
_LIGHT = TerminalTheme(
    (255, 255, 255), _BLACK, [_BLACK, _RED, _GREEN, _YELLOW, _BLUE, (130, 80, 223), (27, 124, 131), (110, 119, 129)]
)
_GREY, _ROSE, _LIME, _GOLD, _SKY = (201, 209, 217), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255)
_DARK = TerminalTheme(
    (13, 17, 23), _GREY, [(72, 79, 88), _ROSE, _LIME, _GOLD, _SKY, (188, 140, 255), (57, 197, 207), (177, 186, 196)]
)
THEMES = {"light": _LIGHT, "dark": _DARK}
"""GitHub's own colours of terminals."""

_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{unique_id}-title">
<title id="{unique_id}-title">TITLE</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }}
.{unique_id}-title {{ font: 600 16px system-ui, sans-serif }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(shown: str, *, title: str, columns: int, theme: str) -> str:
    """The SVG of a terminal with so many columns; `shown` has the codes for colours."""
    console = Console(record=True, width=columns, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown), end="", soft_wrap=True)
    drawn = console.export_svg(
        title=title,
        theme=THEMES[theme],
        code_format=_FORMAT.replace("TITLE", title),
        unique_id="terminal",
    )
    framed = drawn.replace('stroke="rgba(255,255,255,0.35)"', 'stroke="rgba(128,128,128,0.5)"')  # seen on white too
    return re.sub(r"[ \t]+$", "", framed, flags=re.MULTILINE)
