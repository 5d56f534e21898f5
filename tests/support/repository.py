"""A repository in a temporary folder, and the installed command to run in it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TextIO
from unittest.mock import patch

from infra_scale.cli.main import main
from support.amounts import HANGS

Completed = subprocess.CompletedProcess[str]

COMMAND = Path(sys.executable).with_name("infra-scale")
CHECKOUT = Path(__file__).resolve().parents[2]
MOMENT = "1767225600"
"""SOURCE_DATE_EPOCH of the golden files: 2026-01-01."""

REQUEST = """\
target: prod
namespace: assistant
workloads:
  - kind: Deployment
    name: web
    replicas: 6
"""

# git's own variables (set when the suite itself runs in a hook) would lead the commands to another repository.
_HERMETIC = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "COLUMNS"))},
    "GIT_AUTHOR_NAME": "test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
}


def environment() -> dict[str, str]:
    """The environment that commands get."""
    return {**_HERMETIC, "SOURCE_DATE_EPOCH": MOMENT}


def called(
    folder: Path, arguments: Sequence[str], variables: Mapping[str, str], streams: tuple[TextIO, TextIO, TextIO]
) -> int:
    """Run infra-scale in this process, with these streams as its own; its exit code."""
    given, out, err = streams
    with (
        chdir(folder),
        patch.dict(os.environ, variables, clear=True),
        patch.multiple(sys, stdin=given, stdout=out, stderr=err, argv=["infra-scale", *arguments]),
    ):
        return main(list(arguments))


class Repository:
    """Files, and commands run among them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, content: str | bytes = REQUEST) -> Path:
        """Create or replace a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def read(self, path: str) -> str:
        """A file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def tree(self, folder: str = "ops/plans") -> dict[str, bytes]:
        """All files below a folder by path."""
        found = sorted((self.root / folder).rglob("*"))
        return {file.relative_to(self.root).as_posix(): file.read_bytes() for file in found if file.is_file()}

    def run(
        self, *arguments: str, cwd: str = ".", code: int | None = 0, variables: Mapping[str, str] | None = None
    ) -> str:
        """Run infra-scale and return its standard output; None as `code` accepts any exit code."""
        return self.completed(*arguments, cwd=cwd, code=code, variables=variables).stdout

    def completed(
        self, *arguments: str, cwd: str = ".", code: int | None = 0, variables: Mapping[str, str] | None = None
    ) -> Completed:
        """Run infra-scale in this process, which takes a tenth of the time of a process of its own."""
        given, out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(3))
        known = {**environment(), **(variables or {})}
        returncode = called(self.root / cwd, arguments, known, (given, out, err))
        return _checked(Completed(arguments, returncode, _text(out), _text(err)), code)

    def process(
        self, *arguments: str, cwd: str = ".", code: int | None = 0, variables: Mapping[str, str] | None = None
    ) -> Completed:
        """Run infra-scale as users do: the installed command, in a process of its own."""
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.root / cwd,
            env={**environment(), **(variables or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=HANGS,
        )
        return _checked(done, code)

    def tool(self, *arguments: str, code: int | None = 0, variables: Mapping[str, str] | None = None) -> Completed:
        """Run any program here."""
        done = subprocess.run(
            arguments,
            cwd=self.root,
            env={**_HERMETIC, **(variables or {})},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=HANGS,
        )
        assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def paste(self, command: str, *, variables: Mapping[str, str] | None = None) -> str:
        """Run a command that was printed, in a shell, as a person would; it must succeed."""
        return self.tool("sh", "-c", command, variables=variables).stdout

    def git(self, *arguments: str, code: int | None = 0) -> str:
        """Run git here and return what it printed."""
        return self.tool("git", *arguments, code=code).stdout

    def committed(self) -> dict[str, str]:
        """The files of HEAD by path, from two processes however many they are."""
        listed = filter(None, self.git("ls-tree", "-r", "-z", "HEAD").split("\0"))
        objects = {path: entry.split()[2] for entry, _, path in (line.partition("\t") for line in listed)}
        asked = "".join(f"{name}\n" for name in objects.values()).encode()
        batch = subprocess.run(
            ["git", "cat-file", "--batch"],
            input=asked,
            cwd=self.root,
            env=_HERMETIC,
            capture_output=True,
            check=True,
            timeout=HANGS,
        )
        answers = BytesIO(batch.stdout)

        def next_content() -> str:
            size = int(answers.readline().split()[2])
            return answers.read(size + 1)[:-1].decode()

        return {path: next_content() for path in objects}


def _checked(done: Completed, code: int | None) -> Completed:
    assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done


def _text(stream: TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, BytesIO)
    return written.getvalue().decode()


def released(folder: Path, *, version: str) -> Repository:
    """Our own repository as others clone it: the files of this checkout in one commit, with the tag of a version."""
    ours = Repository(folder)
    tracked = Repository(CHECKOUT).git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for path in filter(None, tracked):
        if (CHECKOUT / path).is_file():
            ours.write(path, (CHECKOUT / path).read_bytes())
    ours.git("init", "--quiet", "--initial-branch=main")
    ours.git("add", "--all")
    ours.git("commit", "--quiet", "--message", "release")
    ours.git("tag", f"v{version}")
    return ours
