"""One approval pull request per target: open, update, close.

The branch only ever moves forward, so a commit of somebody else is never lost; every step can be taken again, so a run
that breaks off anywhere is healed by the next one.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import clock, commits, files
from infra_scale.adapters.github import Commit, GitHub, Pull, RaceError
from infra_scale.core.compile import Compilation, Context, compile
from infra_scale.core.render import pull_request
from infra_scale.core.render.tree import contents
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import PLANS, REQUESTS, TARGETS
from infra_scale.model.plan import ScalePlan

BRANCH_PREFIX = "infra/scale-"

_GENERATED_LIMIT = 8 * 1024 * 1024
_ATTEMPTS = 5
_TRAILER = re.compile(r"^Infra-Scale-([A-Za-z-]+): (\S+)$", re.MULTILINE)
_BLOCKED = "<!-- infra-scale:blocked -->"

State = Literal["opened", "updated", "unchanged", "closed", "blocked", "rejected"]


class Published(NamedTuple):
    """What became of a target's pull request."""

    target: str
    state: State
    """blocked: somebody else's commits are on the branch; rejected: people have closed this very proposal."""
    url: str
    """Empty where there is no pull request."""


class Base(NamedTuple):
    """What is published against: a branch, its commit, and the plans that it holds."""

    branch: str
    commit: Commit
    compilation: Compilation
    plans: Mapping[str, bytes]
    """Generated files of the commit by path."""


class Change(NamedTuple):
    """What a target's pull request has to hold."""

    target: str
    plans: tuple[ScalePlan, ...]
    """Those with files in the change."""
    files: Mapping[str, bytes | None]
    """By path; None deletes."""
    replaces: Mapping[str, bytes | None]
    """What the base holds at these paths."""
    created_at: str

    def at(self, created_at: str) -> "Change":
        """The same change, as if it had been produced at another moment."""
        before, after = (f'createdAt: "{moment}"'.encode() for moment in (self.created_at, created_at))
        moved = {path: content and content.replace(before, after, 1) for path, content in self.files.items()}
        return self._replace(files=moved, created_at=created_at)

    @property
    def digest(self) -> str:
        """SHA-256 over path and content of every file: what an approval is bound to."""
        return _digest(self.files)


def read_base(github: GitHub, root: Path, *, branch: str, now: str) -> Base:
    """Compile what the head of `branch` on GitHub holds, from the local clone. Raises GitHubError and CommitError."""
    head = github.head(branch)
    if head is None:
        message = f"there is no branch {branch} on GitHub"
        raise InfraScaleError(message, hint="push it, or name another one with --base")
    found = commits.files_at(root, head, REQUESTS, limit=limits.MAX_BYTES)
    targets = commits.files_at(root, head, TARGETS, limit=limits.MAX_BYTES)
    generated = commits.files_at(root, head, PLANS, limit=_GENERATED_LIMIT)
    schemas = catalogue.Schemas(files.schema_text(catalogue.REQUEST), files.schema_text(catalogue.TARGET))
    context = Context(schemas, now, targets=targets, generated=generated)
    return Base(branch, github.commit(head), compile(found, context), contents(generated))


def changes(base: Base, *, now: str) -> dict[str, Change]:
    """What the base's requests compile to and the base does not hold, by target."""
    wanted: dict[str, bytes | None] = {**base.compilation.files, **dict.fromkeys(base.compilation.obsolete)}
    differing = {path: content for path, content in wanted.items() if base.plans.get(path) != content}
    by_target: dict[str, dict[str, bytes | None]] = {}
    for path, content in sorted(differing.items()):
        by_target.setdefault(path.split("/")[PLANS.count("/") + 1], {})[path] = content
    return {target: _change(base, target, held, now) for target, held in by_target.items()}


def publish(github: GitHub, base: Base, *, only: str | None, now: str) -> Iterator[Published]:
    """Bring the pull requests in step, one target after the other. Raises GitHubError."""
    wanted = changes(base, now=now)
    branches = github.branches(BRANCH_PREFIX)
    targets = sorted({*wanted, *(branch.removeprefix(BRANCH_PREFIX) for branch in branches)})
    pulls = github.pulls(base.branch, BRANCH_PREFIX)
    for target in targets:
        if only in (None, target):
            change = wanted.get(target) or _change(base, target, {}, now)
            done = _until_settled(github, base, change, branches.get(_branch(target)), pulls.get(_branch(target)))
            if done:
                yield done


def _until_settled(github: GitHub, base: Base, change: Change, head: str | None, pull: Pull | None) -> Published | None:
    for attempt in range(_ATTEMPTS):
        try:
            return _publish(github, base, change, head, pull)
        except RaceError:
            if attempt + 1 == _ATTEMPTS:
                raise
            clock.sleep(2.0**attempt)
            head = github.head(_branch(change.target))
            pull = github.pulls(base.branch, BRANCH_PREFIX).get(_branch(change.target))
    return None


def _publish(github: GitHub, base: Base, change: Change, head: str | None, pull: Pull | None) -> Published | None:
    commit = github.commit(head) if head else None
    if commit and not _is_ours(github, base, commit):
        return _block(github, change, pull)
    if not change.files:
        return _close(github, change.target, head, pull)
    kept = commit and _kept(commit, change)
    if kept and not pull and head and (url := github.rejected(_branch(change.target), head)):
        return Published(change.target, "rejected", url)
    if not kept:
        _commit(github, base, change, head)
    return _propose(github, base, kept or change, pull, moved=not kept)


def _commit(github: GitHub, base: Base, change: Change, head: str | None) -> None:
    tree = github.create_tree(base.commit, change.files)
    parents = (head, base.commit.sha) if head else (base.commit.sha,)
    sha = github.create_commit(_message(change, tree), tree=tree, parents=parents)
    github.move_branch(_branch(change.target), seen=head, to=sha)


def _propose(github: GitHub, base: Base, change: Change, pull: Pull | None, *, moved: bool) -> Published:
    title = pull_request.title(change.target, created_at=change.created_at)
    removed = [path for path, content in change.files.items() if content is None]
    body = pull_request.target_body(change.target, change.plans, removed, digest=change.digest)
    state: State = "updated" if moved else "unchanged"
    if pull is None:
        pull = github.open_pull(branch=_branch(change.target), base=base.branch, title=title, body=body)
        state = "opened"
    elif pull.title != title or not _says(pull.body, body):
        github.edit_pull(pull, title=title, body=body if moved else _with_foreign_parts(pull.body, body))
        state = "updated"
    if pull_request.LABEL not in pull.labels:
        github.add_label(
            pull,
            name=pull_request.LABEL,
            colour=pull_request.LABEL_COLOUR,
            description=pull_request.LABEL_DESCRIPTION,
        )
    return Published(change.target, state, pull.url)


def _close(github: GitHub, target: str, head: str | None, pull: Pull | None) -> Published | None:
    if head is None:
        return None
    if pull:
        github.close_pull(pull, comment="No longer needed: the base branch holds what the requests compile to.")
    github.delete_branch(_branch(target), seen=head)
    return Published(target, "closed", pull.url) if pull else None


def _block(github: GitHub, change: Change, pull: Pull | None) -> Published:
    if pull:
        text = (
            "infra-scale does not touch this branch: it has commits of somebody else.\n\n"
            f"Merge it as it is, or delete the branch `{_branch(change.target)}` to let infra-scale propose anew."
        )
        github.comment_once(pull, marker=_BLOCKED, text=text)
    return Published(change.target, "blocked", pull.url if pull else "")


def _is_ours(github: GitHub, base: Base, commit: Commit) -> bool:
    """Whether nobody else has committed to the branch.

    The head's tree must be the one that its own trailer names, which an amended commit's is not; and every commit that
    the base does not have must carry our trailers, which one below the head may not.
    """
    if dict(_TRAILER.findall(commit.message)).get("Tree") != commit.tree:
        return False
    messages = github.messages_between(base.commit.sha, commit.sha)
    return all("Tree" in dict(_TRAILER.findall(message)) for message in messages)


def _kept(commit: Commit, change: Change) -> Change | None:
    """The change as the branch holds it already, or None where the branch holds another."""
    trailers = dict(_TRAILER.findall(commit.message))
    held = change.at(trailers.get("Created-At", change.created_at))
    same = (trailers.get("Digest"), trailers.get("Replaces")) == (held.digest, _digest(held.replaces))
    return held if same else None


def _message(change: Change, tree: str) -> str:
    trailers = {
        "Target": change.target,
        "Created-At": change.created_at,
        "Digest": change.digest,
        "Replaces": _digest(change.replaces),
        "Tree": tree,
    }
    lines = "\n".join(f"Infra-Scale-{name}: {value}" for name, value in trailers.items())
    return f"infra.scale: {change.target}\n\n{lines}\n"


def _change(base: Base, target: str, held: Mapping[str, bytes | None], now: str) -> Change:
    folders = {path.rpartition("/")[0] for path, content in held.items() if content is not None}
    plans = tuple(plan for plan in base.compilation.plans if plan.folder in folders)
    return Change(target, plans, held, {path: base.plans.get(path) for path in held}, now)


def _says(old: str, new: str) -> bool:
    return _our_part(old) == _our_part(new)


def _our_part(body: str) -> str:
    inside = body.replace("\r\n", "\n").partition(pull_request.BEGIN)[2]
    return inside.partition(pull_request.END)[0].strip()


def _with_foreign_parts(old: str, new: str) -> str:
    """`new`, with what reviewers have written and ticked around our part of `old`."""
    body = old.replace("\r\n", "\n")
    if pull_request.BEGIN not in body or pull_request.END not in body:
        return new
    before, after = body.partition(pull_request.BEGIN)[0], body.partition(pull_request.END)[2]
    return f"{before}{pull_request.BEGIN}\n{_our_part(new)}\n{pull_request.END}{after}"


def _digest(held: Mapping[str, bytes | None]) -> str:
    whole = hashlib.sha256()
    for path, content in sorted(held.items()):
        whole.update(f"{path}\0{'-' if content is None else hashlib.sha256(content).hexdigest()}\0".encode())
    return whole.hexdigest()


def _branch(target: str) -> str:
    return f"{BRANCH_PREFIX}{target}"
