from dataclasses import replace
from datetime import UTC, datetime

from infra_scale.model.proposal import Proposal, digest_of

_PROPOSAL = Proposal(
    key="prod",
    branch="infra/scale-prod",
    base="main",
    title="title",
    body="body",
    files={"a": b"1", "b": None},
    replaces={"a": None, "b": b"2"},
    labels=(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_a_digest_depends_on_paths_and_contents_alone() -> None:
    same = replace(
        _PROPOSAL, files={"b": None, "a": b"1"}, title="x", body="x", created_at=datetime.max.replace(tzinfo=UTC)
    )

    assert same.digest == _PROPOSAL.digest == digest_of({"a": b"1", "b": None})


def test_a_deletion_is_another_proposal_than_an_empty_file_or_a_dash() -> None:
    digests = {digest_of({"a": content}) for content in (None, b"", b"-")}

    assert len(digests | {digest_of({}), digest_of({"b": None})}) == 5
