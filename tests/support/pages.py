"""A page of documentation is run from top to bottom, as a reader would: files are written, commands executed."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from support.repository import MOMENT, Completed, Repository

BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>.+) -->\n)?```(?P<language>\S*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMANDS = ("console", "sh")
"""What is executed: `console` shows the output of each command, `sh` only has to end well."""
LANGUAGES = (*COMMANDS, "zsh", "yaml", "json", "markdown", "mermaid", "python", "text")

_WRITTEN = ("requests/", "ops/", "apps/", ".pre-commit-config.yaml")
_GENERATED = ("ops/plans/", "ops/rendered/")
_SHELL = re.compile(r"[|&;<>()$`\\*?#~%]")
"""What only a shell understands."""
_PATH = re.compile(r"^(?:#|//) (\S+)$")


class World(NamedTuple):
    """Where a page is read."""

    repository: Repository
    variables: Mapping[str, str] = {}
    shown_as: Mapping[str, str] = {}
    """Patterns of what differs from run to run, such as a folder or a duration, and what the page has in its place."""
    after: Callable[[str], None] = lambda _: None
    """Called after each command: what somebody else does then."""
    meant: Mapping[str, str] = {}
    """What stands for something else here, in commands and files: a commit that is another one on each run."""

    def shell(self, script: str, *, code: int | None = None, stop: bool = False) -> str:
        """What a script prints; with `stop`, it ends at its first error."""
        done = self._ours(self.real(script), code) or self._shell(self.real(script), code, stop=stop)
        self.after(script)
        said = done.stdout + done.stderr
        for found, shown in self.shown_as.items():
            said = re.sub(found, shown, said)
        return said

    def _ours(self, script: str, code: int | None) -> Completed | None:
        """A command of ours that needs no shell, in this process."""
        if "\n" in script.rstrip("\n") or _SHELL.search(script) or not script.startswith("infra-scale "):
            return None
        return self.repository.completed(*shlex.split(script)[1:], code=code, variables=self.variables)

    def _shell(self, script: str, code: int | None, *, stop: bool) -> Completed:
        options = ["-e", "-c"] if stop else ["-c"]
        variables = {"SOURCE_DATE_EPOCH": MOMENT, **self.variables}
        return self.repository.tool("sh", *options, script, code=code, variables=variables)

    def real(self, text: str) -> str:
        """A command or file as it has to be here."""
        for shown, meant in self.meant.items():
            text = text.replace(shown, meant)
        return text


def run(text: str, world: World) -> str:
    """The page as it should be: with the real files and the real output."""
    return BLOCK.sub(lambda block: _shown(block, world), text)


def blocks(text: str) -> Iterator[re.Match[str]]:
    """Every fenced block."""
    yield from BLOCK.finditer(text)


def refreshed(page: Path, real: str, *, refresh: bool) -> str:
    """The page as it is, after it was written anew where that was asked for."""
    if refresh:
        page.write_text(real, encoding="utf-8")
    return page.read_text(encoding="utf-8")


def _shown(block: re.Match[str], world: World) -> str:
    language, body = block["language"], block["body"]
    if block["reason"]:
        return block[0]
    if language == "console":
        body = "".join(
            f"$ {command}\n{world.shell(command)}" for command in re.findall(r"^\$ (.*)$", body, re.MULTILINE)
        )
    elif language == "sh":
        world.shell(body, code=0, stop=True)
    elif language == "python":
        world.repository.tool("python", "-c", body)
    elif found := _PATH.match(body.split("\n", 1)[0]):
        body = _file(found[1], body, world)
    return f"```{language}\n{body}```"


def _file(path: str, body: str, world: World) -> str:
    """A block that begins with its path: one of ours is shown as it is, another is written."""
    first, content = body.split("\n", 1)
    if path.startswith(_GENERATED):
        return f"{first}\n{world.repository.read(path)}"
    if path.startswith(_WRITTEN):
        world.repository.write(path, world.real(content))
    return body
