"""The files that `init` writes: filled templates, and existing files with missing lines appended."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from infra_scale import __version__

PLACEHOLDER = "https://github.com/your-org/infra.scale"
"""Placeholder for the git repository of infra-scale."""
NO_COMMIT = "0" * 40
"""Placeholder for an unknown commit: no commit has this SHA, so a workflow with it fails instead of running code."""

HOOKS = ".pre-commit-config.yaml"
ATTRIBUTES = ".gitattributes"
MERGE_LINES = ("ops/plans/infra-scale/** merge=infra-scale", "ops/rendered/infra-scale/** merge=infra-scale")
"""The lines of .gitattributes for the merge driver; git merges as text where a clone does not configure it."""
MERGE_COMMAND = "git config merge.infra-scale.driver true"
"""Configures the driver: it keeps the version of the current branch, and `compile` regenerates the file."""
LINES = {
    ATTRIBUTES: (
        "ops/plans/** text eol=lf linguist-generated=true",
        # Applied files are never folded in a review; explicit, so that a line for a wider pattern does not fold them.
        "ops/rendered/** text eol=lf -linguist-generated",
        "requests/** text eol=lf",
    ),
    ".gitignore": (".artifacts/",),
}
"""The lines that these files need."""

_MARK = re.compile(r"@([a-z]+)@")
_COMMIT = "[0-9a-f]{40}"
_USED = re.compile(rf"^ +uses: (?!actions/)([\w.-]+/[\w.-]+)@({_COMMIT}) # (.+)$", re.MULTILINE)
_FETCHED = re.compile(rf'^ +COMMIT: "({_COMMIT})" # (.+)\n +SOURCE: (\S+)$', re.MULTILINE)
_HOOKED = re.compile(rf'repo: (\S+)\n +rev: "({_COMMIT})" # (?:frozen: )?(.+)\n +hooks:\n +- id: infra-scale-')
_GITHUB = re.compile(r"(?:https|ssh)://(?:git@)?github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_HOOK = re.compile(rb"infra-scale-compile|infra-scale-validate|infra-scale (?:compile|validate)\b")


class Origin(NamedTuple):
    """The source of infra-scale for workflows and hook."""

    source: str
    """The URL of its git repository."""
    commit: str
    """A full SHA, or NO_COMMIT."""
    note: str
    """The label of the commit: its tag, else its version."""

    @property
    def slug(self) -> str | None:
        """owner/name on github.com, for its action."""
        found = _GITHUB.fullmatch(self.source)
        return found[1] if found else None

    @property
    def rules_page(self) -> str:
        """The page that explains findings at this commit; empty if unknown."""
        site = f"https://github.com/{self.slug}" if self.slug else self.source
        return f"{site}/blob/{self.commit}/docs/rules.md" if site.startswith("https://") else ""


def origin(source: str, commit: str, tag: str) -> Origin:
    """The origin with its note."""
    version = f"infra-scale {__version__}"
    return Origin(source, commit, f"placeholder: the commit of {version}" if commit == NO_COMMIT else tag or version)


def known_origin(text: str) -> Origin | None:
    """The origin in a workflow or .pre-commit-config.yaml that `init` wrote; None if it was changed."""
    if found := _HOOKED.search(text):
        return Origin(found[1], found[2], found[3])
    if found := _FETCHED.search(text):
        return Origin(found[3], found[1], found[2])
    if found := _USED.search(text):
        return Origin(f"https://github.com/{found[1]}", found[2], found[3])
    return None


def filled(template: str, values: Mapping[str, str]) -> bytes:
    """A template with `@name@` replaced by the value of that name."""
    return _MARK.sub(lambda mark: values[mark[1]], template).encode()


def with_lines(content: bytes, lines: Sequence[str]) -> bytes:
    """`content` with its missing `lines` appended, with the same line ends.

    Two lines that differ only in their spaces are the same to git.
    """
    present = {tuple(line.split()) for line in content.splitlines()}
    missing = [line for line in lines if tuple(line.encode().split()) not in present]
    if not missing:
        return content
    end = b"\r\n" if b"\r\n" in content else b"\n"
    gap = end if content and not content.endswith(b"\n") else b""
    return content + gap + b"".join(line.encode() + end for line in missing)


def hooks_of(configuration: bytes) -> frozenset[str]:
    """Which of our hooks a .pre-commit-config.yaml has, compile or validate, from our repository or a local one."""
    lines = (line.split(b"#")[0] for line in configuration.splitlines())
    found = (hook.decode() for line in lines for hook in _HOOK.findall(line))
    return frozenset(hook.replace(" ", "-").removeprefix("infra-scale-") for hook in found)
