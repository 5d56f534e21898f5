"""What publishing reports as events."""

from datetime import UTC, datetime

from infra_scale.adapters.github.repository import GitHub
from infra_scale.model.event import Event, PlanChanged, PlanProposed, ProposalClosed
from infra_scale.usecases.base import read_base
from infra_scale.usecases.publish import Settings, publish
from support.github_server import TOKEN, GitHubServer
from support.repository import REQUEST, Repository

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _events(clone: Repository, server: GitHubServer) -> list[Event]:
    forge = GitHub(repository=server.slug, token=TOKEN, api=server.api)
    base = read_base(forge, clone.root, branch="main", now=_NOW)
    results = publish(forge, base, Settings(_NOW, actor="alice"), lambda *_: None)
    return [result.event for result in results if result.event]


def _push(clone: Repository, server: GitHubServer) -> None:
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "requests")
    server.push(clone)


def test_a_proposal_is_an_event_when_it_is_opened_changed_and_closed(clone: Repository, server: GitHubServer) -> None:
    (opened,) = _events(clone, server)
    unchanged = _events(clone, server)
    clone.write("requests/web.yaml", REQUEST.replace("replicas: 6", "replicas: 7"))
    _push(clone, server)
    (changed,) = _events(clone, server)
    (clone.root / "requests/web.yaml").unlink()
    _push(clone, server)
    (closed,) = _events(clone, server)

    assert unchanged == []
    for event, kind in ((opened, PlanProposed), (changed, PlanChanged), (closed, ProposalClosed)):
        assert event == kind(at=_NOW, actor="alice", repository=server.slug, target="prod", digest=event.digest)
    assert closed.digest is None
    assert None not in (opened.digest, changed.digest)
    assert opened.digest != changed.digest
