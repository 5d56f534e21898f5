"""Settle a proposal on the forge: open, update or close its one pull request.

The branch only ever moves forward, so no commit of another author is lost; every step can be repeated, so the next run
repairs what an interrupted one left behind.
"""

from typing import Literal, NamedTuple

from infra_scale.adapters import clock
from infra_scale.core.proposing import pull_request
from infra_scale.core.proposing.trailers import Trailers, commit_message
from infra_scale.model.event import Event, PlanChanged, PlanProposed, ProposalClosed
from infra_scale.model.proposal import Proposal
from infra_scale.ports.forge import Forge, Pull, RaceError
from infra_scale.usecases.verification import Content, Verifier, fingerprint

_ATTEMPTS = 5

_BLOCKED = "<!-- infra-scale:blocked -->"
_CLOSED = "<!-- infra-scale:closed -->"

State = Literal["opened", "updated", "unchanged", "closed", "blocked", "ignored", "rejected"]


class Settled(NamedTuple):
    """The state of a proposal's pull request after a run."""

    state: State
    """blocked: its branch has content that infra-scale did not make; ignored: the same, and nothing is proposed;
    rejected: reviewers have closed this very proposal."""
    url: str = ""
    """Empty without a pull request."""
    event: Event | None = None
    """What the run changed; None: no proposal."""


class Proposer(NamedTuple):
    """Settles the proposals of one run."""

    forge: Forge
    verifier: Verifier
    actor: str
    """Who runs it; empty where that is unknown."""

    def settle(self, proposal: Proposal, head: str | None, pull: Pull | None) -> Settled | None:
        """Settle it, and again from fresh data after a race; None if there was nothing to do.

        `head` and `pull` are the branch and pull request on the forge. Raises ForgeError and CommitError.
        """
        for attempt in range(_ATTEMPTS - 1):
            try:
                return self._settle(proposal, head, pull)
            except RaceError:
                clock.sleep(2.0**attempt)
                head = self.forge.head(proposal.branch)
                pull = self.forge.pulls(proposal.base).get(proposal.branch)
        return self._settle(proposal, head, pull)

    def _settle(self, proposal: Proposal, head: str | None, pull: Pull | None) -> Settled | None:
        content = self.verifier.content(proposal, head)
        if not proposal.files:
            return self._finish(proposal, content, head, pull)
        if content.kind == "foreign":
            return self._block(proposal, pull, "blocked")
        if not content.is_current:
            self._commit(proposal, head)
            return self._propose(proposal, pull, content)
        if not pull and head and (url := self.forge.rejected(proposal.branch, head, base=proposal.base)):
            return Settled("rejected", url)
        return self._propose(proposal, pull, content)

    def _commit(self, proposal: Proposal, head: str | None) -> None:
        base = self.verifier.base
        placed = {f"{self.verifier.prefix}{path}": content for path, content in proposal.files.items()}
        tree = self.forge.create_tree(base, placed)
        message = commit_message(Trailers(proposal.key, proposal.created_at, proposal.digest, fingerprint()))
        sha = self.forge.create_commit(message, tree=tree, parents=(head, base.sha) if head else (base.sha,))
        self.forge.move_branch(proposal.branch, seen=head, to=sha)

    def _propose(self, proposal: Proposal, pull: Pull | None, content: Content) -> Settled:
        """Update the pull request to its branch, which has the proposal."""
        if pull is None:
            pull = self.forge.open_pull(
                branch=proposal.branch, base=proposal.base, title=proposal.title, body=proposal.body
            )
            self._label(proposal, pull, is_new=True)
            return Settled("opened", pull.url, self._event(PlanProposed, proposal))
        is_new = pull_request.digest_of(pull.body) != proposal.digest or content.differs_from(proposal)
        if is_new and not pull.is_draft:
            self._ask_again(proposal, pull)
        is_edited = self._edit(proposal, pull, is_new=is_new)
        self._label(proposal, pull, is_new=is_new)
        state: State = "unchanged" if content.is_current and not is_edited else "updated"
        return Settled(state, pull.url, self._event(PlanChanged, proposal) if is_new else None)

    def _edit(self, proposal: Proposal, pull: Pull, *, is_new: bool) -> bool:
        """Update title and body if they differ; the date in a title is that of its plans' proposal."""
        keeps_title = not is_new and pull_request.is_same_title(pull.title, proposal.title)
        title = pull.title if keeps_title else proposal.title
        if pull.title == title and pull_request.is_same(pull.body, proposal.body):
            return False
        body = pull_request.with_foreign_parts(pull.body, proposal.body, reset_ticks=is_new)
        self.forge.edit_pull(pull, title=title, body=body)
        return True

    def _label(self, proposal: Proposal, pull: Pull, *, is_new: bool) -> None:
        for label in proposal.labels:
            if label.name not in pull.labels and (is_new or not self.forge.was_unlabelled(pull, label.name)):
                self.forge.add_label(pull, label)

    def _ask_again(self, proposal: Proposal, pull: Pull) -> None:
        """The plans of a ready pull request have changed: make it a draft again, and comment."""
        self.forge.convert_to_draft(pull)
        digest = pull_request.digest_of(pull.body)
        before = digest if digest and digest != proposal.digest else "unknown"
        text = (
            f"The plans have changed since this was ready: digest `{before}` → `{proposal.digest}`. Review them again."
        )
        self.forge.comment_once(pull, marker=f"<!-- infra-scale:changed {proposal.digest} -->", text=text)

    def _finish(self, proposal: Proposal, content: Content, head: str | None, pull: Pull | None) -> Settled | None:
        """Nothing is proposed: close an earlier pull request, and keep foreign content."""
        if content.kind in ("absent", "empty"):
            return None
        if content.kind == "ours":
            return self._close(proposal, head, pull)
        return self._block(proposal, pull, "ignored")

    def _close(self, proposal: Proposal, head: str | None, pull: Pull | None) -> Settled | None:
        if head is None:
            return None
        if pull:
            reason = "No longer needed: the plans on the base branch are up to date."
            self.forge.comment_once(pull, marker=_CLOSED, text=reason)
            self.forge.close_pull(pull)
        self.forge.delete_branch(proposal.branch, seen=head)
        return Settled("closed", pull.url, self._event(ProposalClosed, proposal)) if pull else None

    def _block(self, proposal: Proposal, pull: Pull | None, state: State) -> Settled:
        """Leave the branch unchanged, and remove the statements about plans from its pull request."""
        if pull and pull_request.digest_of(pull.body):
            if not pull.is_draft:
                self.forge.convert_to_draft(pull)
            self.forge.edit_pull(pull, title=pull.title, body=pull_request.withdrawn(pull.body))
        if pull and state == "blocked":
            text = (
                "This branch has content that infra-scale did not make, so infra-scale will not update it.\n\n"
                f"Merge it as it is, or delete the branch `{proposal.branch}` to get a new proposal."
            )
            self.forge.comment_once(pull, marker=_BLOCKED, text=text)
        return Settled(state, pull.url if pull else "")

    def _event(self, kind: type[PlanProposed | PlanChanged | ProposalClosed], proposal: Proposal) -> Event:
        return kind(
            at=proposal.created_at,
            actor=self.actor,
            repository=self.forge.name,
            target=proposal.key,
            digest=proposal.digest if proposal.files else None,
        )
