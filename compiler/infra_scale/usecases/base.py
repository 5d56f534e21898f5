"""The base branch of a proposal: the plans of its commits, compiled and committed."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters.states import commit as commits
from infra_scale.core.compiling.compilation import NOTHING_COMPILED as NO_COMPILATION
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.documents.target import valid_targets
from infra_scale.core.generated.tree import contents
from infra_scale.core.proposing import plans
from infra_scale.core.proposing.plans import TargetPlans
from infra_scale.errors import InfraScaleError
from infra_scale.model.finding import Finding
from infra_scale.model.names import PLANS, target_names
from infra_scale.model.proposal import Files
from infra_scale.model.target import Target
from infra_scale.ports.forge import Commit, Forge
from infra_scale.usecases.compile import compile_state, generated_files
from infra_scale.usecases.environment import context_of, facts_of


class Compiled(NamedTuple):
    """A commit: its requests, compiled, and its generated files."""

    compilation: Compilation
    generated: Mapping[str, bytes]
    """Generated files of the commit by path."""
    known: tuple[Target, ...]
    """The valid targets of the commit."""
    targets: frozenset[str]
    """Every target name in a request, a target file or a plan."""

    def target_plans(self) -> dict[str, TargetPlans]:
        """The generated files that the commit lacks, by target."""
        return plans.target_plans(self.compilation, self.generated, self.known)


NOTHING_COMPILED = Compiled(NO_COMPILATION, {}, (), targets=frozenset())


class Base(NamedTuple):
    """The base of proposals: a branch, and its commit with the compiled plans."""

    root: Path
    branch: str
    commit: Commit
    compiled: Compiled

    @property
    def compilation(self) -> Compilation:
        """The compiled requests."""
        return self.compiled.compilation

    def located(self) -> dict[str, list[Finding]]:
        """Findings with their positions, by the path of the request."""
        found: dict[str, list[Finding]] = {}
        for finding in self.compilation.findings:
            found.setdefault(finding.path, []).append(finding)
        return found


class EarlierPlans:
    """The proposals of earlier commits of the base branch, each compiled once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._proposed: dict[str, dict[str, TargetPlans]] = {}

    def files(self, commit: str, target: str) -> Files:
        """The proposal for a target on top of `commit`. Raises CommitError."""
        if commit not in self._proposed:
            self._proposed[commit] = compiled_at(self._root, commit).target_plans()
        plans = self._proposed[commit].get(target)
        return plans.files if plans else {}


def read_base(forge: Forge, root: Path, *, branch: str, now: datetime) -> Base:
    """Compile the head of `branch` on GitHub, from the local clone. Raises ForgeError and CommitError."""
    head = head_of(forge, branch, hint="push it, or name another branch with --base")
    return Base(root, branch, forge.commit(head), compiled_at(root, head, now=now))


def local_base(root: Path, branch: str, commit: str, *, now: datetime) -> Base:
    """Compile a commit of the local clone as if it were the head of `branch` on GitHub. Raises CommitError."""
    return Base(root, branch, Commit(commit, tree="", message=""), compiled_at(root, commit, now=now))


def head_of(forge: Forge, branch: str, *, hint: str) -> str:
    """The commit that a branch on GitHub points at. Raises ForgeError."""
    head = forge.head(branch)
    if head is None:
        message = f"there is no branch {branch} on GitHub"
        raise InfraScaleError(message, hint=hint)
    return head


def compiled_at(root: Path, commit: str, *, now: datetime | None = None) -> Compiled:
    """Compile a commit of the local clone; with `now`, also compute findings of the world. Raises CommitError."""
    with closing(commits.Commit(root, commit)) as state:
        context = context_of(state)
        facts = facts_of(state, context.targets, now=now) if now else None
        compilation = compile_state(root, state, context, facts, generated=state)
        held = contents(generated_files(state))
    named = {path.split("/")[PLANS.count("/") + 1] for path in held if path.startswith(f"{PLANS}/")}
    named |= {plan.metadata.target for plan in compilation.plans}
    named.update(target_names(item.path for item in context.targets))
    known = valid_targets(context.targets, schema=context.schemas.target)
    return Compiled(compilation, held, known, frozenset(named))
