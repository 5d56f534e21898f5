"""What `init` puts into somebody else's repository: filled templates, and files that get only the lines they lack."""

import re
from collections.abc import Mapping, Sequence

PLACEHOLDER = "https://github.com/your-org/infra.scale"
"""Stands for the git repository of infra-scale where nobody has said which it is."""

_MARK = re.compile(r"@([a-z]+)@")
_INSTALLED = re.compile(rb"infra-scale\[github\] @ git\+(\S+)@v")
_HOOK = "infra-scale-compile"


def filled(template: str, values: Mapping[str, str]) -> bytes:
    """A template with `@name@` replaced by the value of that name."""
    return _MARK.sub(lambda mark: values[mark[1]], template).encode()


def with_lines(content: bytes, lines: Sequence[str]) -> bytes:
    """`content` with those of the `lines` at its end that it does not have yet, in its own kind of line ends.

    Two lines that differ only in their spaces are the same to git.
    """
    present = {tuple(line.split()) for line in content.splitlines()}
    missing = [line for line in lines if tuple(line.encode().split()) not in present]
    if not missing:
        return content
    end = b"\r\n" if b"\r\n" in content else b"\n"
    gap = end if content and not content.endswith(b"\n") else b""
    return content + gap + b"".join(line.encode() + end for line in missing)


def installs_from(workflow: bytes) -> str | None:
    """The git repository of infra-scale that a workflow of ours names; None in one that was changed."""
    found = _INSTALLED.search(workflow)
    return found[1].decode("utf-8", "replace") if found else None


def has_hook(configuration: bytes) -> bool:
    """Whether a .pre-commit-config.yaml has our hook, be it from our repository or a local one."""
    lines = (line.split(b"#")[0] for line in configuration.splitlines())
    return any(_HOOK.encode() in line or b"infra-scale compile" in line for line in lines)
