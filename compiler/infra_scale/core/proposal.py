"""What a target's pull request has to hold, and how a commit on its branch is known to be ours."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from infra_scale.core.compile import Compilation
from infra_scale.core.diff.plans import Difference, differences
from infra_scale.core.reading.plan import read_actions
from infra_scale.core.render.generated import PLAN_FILE
from infra_scale.core.render.plan_yaml import action_nodes
from infra_scale.model.names import BRANCH_PREFIX, PLANS
from infra_scale.model.plan import ScalePlan

Files = Mapping[str, bytes | None]
"""By path from the root of the repository; None stands for no file."""

_TRAILER = re.compile(r"^Infra-Scale-([A-Za-z-]+): (\S+)$", re.MULTILINE)


class Change(NamedTuple):
    """What a pull request has to hold."""

    target: str
    branch: str
    plans: tuple[ScalePlan, ...]
    """Those with files in the change."""
    files: Files
    """None deletes."""
    replaces: Files
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
        return digest_of(self.files)

    def differences(self, *, schema: str) -> tuple[Difference, ...]:
        """What changes in the words of people; `schema` is that of plans, to read the ones that are replaced."""
        replaced = ((path, old) for path, old in self.replaces.items() if old and path.endswith(f"/{PLAN_FILE}"))
        before = (read_actions(path, old, schema=schema) or () for path, old in replaced)
        after = (action_nodes(plan) for plan in self.plans if f"{plan.folder}/{PLAN_FILE}" in self.files)
        return differences(tuple(chain.from_iterable(before)), tuple(chain.from_iterable(after)))

    @property
    def removed(self) -> list[str]:
        """Paths of the files that the change deletes."""
        return [path for path, content in self.files.items() if content is None]

    def kept_by(self, message: str) -> "Change | None":
        """The change as the commit with this message holds it already, or None where that holds another."""
        trailers = read_trailers(message)
        held = self.at(trailers.get("Created-At", self.created_at))
        same = (trailers.get("Digest"), trailers.get("Replaces")) == (held.digest, digest_of(held.replaces))
        return held if same else None

    def message(self, tree: str) -> str:
        """The message of the commit that makes it, with the trailers that `kept_by` and `is_intact` read."""
        trailers = {
            "Target": self.target,
            "Created-At": self.created_at,
            "Digest": self.digest,
            "Replaces": digest_of(self.replaces),
            "Tree": tree,
        }
        lines = "\n".join(f"Infra-Scale-{name}: {value}" for name, value in trailers.items())
        return f"infra.scale: {self.target}\n\n{lines}\n"


def branch_of(target: str) -> str:
    """The one branch of a target."""
    return f"{BRANCH_PREFIX}{target}"


def changes(compilation: Compilation, held: Mapping[str, bytes], *, now: str) -> dict[str, Change]:
    """What the requests compile to and the base does not hold, by target; `held` are the base's generated files."""
    wanted: dict[str, bytes | None] = {**compilation.files, **dict.fromkeys(compilation.obsolete)}
    by_target: dict[str, dict[str, bytes | None]] = {}
    for path, content in sorted(wanted.items()):
        if held.get(path) != content:
            by_target.setdefault(path.split("/")[PLANS.count("/") + 1], {})[path] = content
    plans: dict[str, list[ScalePlan]] = {}
    for plan in compilation.plans:
        plans.setdefault(plan.request.target, []).append(plan)
    return {
        target: Change(
            target,
            branch_of(target),
            tuple(_with_files(plans.get(target, ()), files)),
            files,
            {path: held.get(path) for path in files},
            now,
        )
        for target, files in by_target.items()
    }


def nothing(target: str, *, now: str) -> Change:
    """No change: what the pull request of a target holds when all of it is on the base."""
    return Change(target, branch_of(target), (), {}, {}, now)


def is_intact(message: str, tree: str) -> bool:
    """Whether a commit has the tree that its own trailer names, which an amended one has not."""
    return read_trailers(message).get("Tree") == tree


def read_trailers(message: str) -> dict[str, str]:
    """Our trailers of a commit message by name; empty for a commit of somebody else."""
    return dict(_TRAILER.findall(message))


def _with_files(plans: Iterable[ScalePlan], files: Files) -> Iterable[ScalePlan]:
    folders = {path.rpartition("/")[0] for path, content in files.items() if content is not None}
    return (plan for plan in plans if plan.folder in folders)


def digest_of(held: Files) -> str:
    """SHA-256 over path and content of every file."""
    whole = hashlib.sha256()
    for path, content in sorted(held.items()):
        whole.update(f"{path}\0{'-' if content is None else hashlib.sha256(content).hexdigest()}\0".encode())
    return whole.hexdigest()
