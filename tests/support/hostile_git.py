"""Bare repositories that name programs, and a git that records how it was called."""

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from support.repository import Repository

ATTRIBUTES = "* diff=hostile filter=hostile\n"
_COMMIT = "1" * 40
_PROGRAMS = (
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.gitProxy",
    "core.askPass",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.hostile.textconv",
    "diff.hostile.command",
    "filter.hostile.clean",
    "filter.hostile.smudge",
    "filter.hostile.process",
    "gpg.program",
    "gpg.ssh.program",
    "uploadpack.packObjectsHook",
)


def program(folder: Path, name: str, *, marker: Path) -> Path:
    """A program that leaves a marker, and does nothing else."""
    made = folder / name
    made.write_text(f"#!/bin/sh\ntouch '{marker}/{name}'\ncat >/dev/null\n")
    made.chmod(0o755)
    return made


def bare(repository: Repository, folder: str, programs: Path) -> None:
    """Add a bare repository at `folder`, of which each key of the config that can name a program does."""
    programs.mkdir(exist_ok=True)
    marker = programs / "markers"
    marker.mkdir(exist_ok=True)
    config = [
        "[core]\nrepositoryformatversion = 1\nbare = false\nworktree = .",
        "[extensions]\npartialClone = origin",
        '[protocol]\nallow = always\n[protocol "ext"]\nallow = always',
        "[log]\nshowSignature = true",
    ]
    url = f'ext::sh -c "touch>{marker}/promisor"'
    config.append(f'[remote "origin"]\npromisor = true\nurl = {url}')
    for key in _PROGRAMS:
        made = program(programs, key, marker=marker)
        section, _, rest = key.partition(".")
        middle, _, name = rest.rpartition(".")
        config.append(f'[{section} "{middle}"]\n{name} = {made}' if middle else f"[{section}]\n{name} = {made}")
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        program(programs, hook, marker=marker)
    config.append(f"[core]\nhooksPath = {programs}")
    repository.write(f"{folder}/HEAD", "ref: refs/heads/main\n")
    repository.write(f"{folder}/config", "\n".join(config) + "\n")
    repository.write(f"{folder}/objects/.keep", "")
    repository.write(f"{folder}/refs/heads/main", f"{_COMMIT}\n")
    repository.write(f"{folder}/.gitattributes", ATTRIBUTES)


def started(programs: Path) -> set[str]:
    """Which of the programs have run."""
    return {file.name for file in (programs / "markers").iterdir()}


class Call(NamedTuple):
    """How git was started."""

    arguments: tuple[str, ...]
    environment: dict[str, str]

    @property
    def command(self) -> str:
        """Its subcommand: the first word that is no option, and no value of one."""
        words = iter(self.arguments)
        for word in words:
            if word == "-c":
                next(words)
            elif not word.startswith("-"):
                return word
        return ""

    @property
    def config(self) -> dict[str, str]:
        """What `-c` sets."""
        pairs = (self.arguments[at + 1] for at, word in enumerate(self.arguments) if word == "-c")
        return dict(pair.split("=", 1) for pair in pairs)


class Recorder:
    """A folder with a `git` that notes each call, and then is the real one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._calls = folder / "calls"
        self._calls.mkdir(parents=True)
        real = shutil.which("git")
        script = (
            "#!/bin/sh\n"
            f"printf '%s\\0' \"$@\" > '{self._calls}'/$$.arguments\n"
            f"env -0 > '{self._calls}'/$$.environment\n"
            f'exec {real} "$@"\n'
        )
        git = folder / "git"
        git.write_text(script)
        git.chmod(0o755)

    @property
    def path(self) -> str:
        """The PATH that has it first."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    def calls(self) -> list[Call]:
        """All calls so far."""
        return [self._read(file) for file in sorted(self._calls.glob("*.arguments"))]

    def _read(self, file: Path) -> Call:
        arguments = file.read_text().split("\0")[:-1]
        lines = file.with_suffix(".environment").read_text().split("\0")[:-1]
        return Call(tuple(arguments), dict(line.split("=", 1) for line in lines))

    def forget(self) -> None:
        """Begin again."""
        for file in self._calls.iterdir():
            file.unlink()
