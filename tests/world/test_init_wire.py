"""`infra-scale init` offers to add the Components of existing requests to the overlays that build them."""

import pytest

from infra_scale.cli import terminal
from support.repository import Repository

_REQUEST = "target: prod\nnamespace: shop\nworkloads:\n  - {kind: Deployment, name: web, replicas: 4}\n"
_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, template: {spec: {containers: [{name: app, image: a}]}}}
"""
_OVERLAY = "namespace: shop\nresources: [../base]\n"
_PLACE = "app/live/kustomization.yaml"
_LINE = "../../ops/rendered/infra-scale/c1/shop/deployment-web"


@pytest.fixture
def shop(git_repository: Repository) -> Repository:
    """A repository with a request, whose overlay does not join the Component."""
    git_repository.write("requests/web.yaml", _REQUEST)
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: c1}]\nmanifests: [app]\n")
    git_repository.write("app/base/web.yaml", _WEB)
    git_repository.write("app/base/kustomization.yaml", "resources: [web.yaml]\n")
    git_repository.write(_PLACE, _OVERLAY)
    return git_repository


def _answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    questions: list[str] = []

    def read_line(prompt: str) -> str:
        questions.append(prompt)
        return answer

    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    monkeypatch.setattr(terminal, "read_line", read_line)
    return questions


def test_without_a_terminal_nothing_is_asked_and_no_overlay_is_edited(shop: Repository) -> None:
    done = shop.completed("init")
    assert shop.read(_PLACE) == _OVERLAY
    assert "infra-scale wire" in done.stderr


def test_the_flag_adds_the_line_and_the_next_commit_has_the_overlay(shop: Repository) -> None:
    done = shop.completed("init", "--wire")
    assert f"updated   {_PLACE}\n" in done.stdout
    assert _LINE in shop.read(_PLACE)
    assert _PLACE in next(line for line in done.stderr.splitlines() if "git add" in line)
    assert shop.run("wire", "--check") == ""


def test_a_dry_run_with_the_flag_lists_the_overlay_and_writes_nothing(shop: Repository) -> None:
    assert f"update    {_PLACE}\n" in shop.run("init", "--wire", "--dry-run")
    assert shop.read(_PLACE) == _OVERLAY


@pytest.mark.parametrize(("answer", "is_added"), [("y", True), ("", False), ("no", False)])
def test_at_a_terminal_the_line_is_added_if_that_is_agreed_to(
    shop: Repository, monkeypatch: pytest.MonkeyPatch, answer: str, is_added: bool
) -> None:
    questions = _answering(monkeypatch, answer)
    shop.run("init", "--hook")
    assert len(questions) == 1
    assert _PLACE in questions[0]
    assert (_LINE in shop.read(_PLACE)) is is_added


def test_nothing_is_asked_where_no_line_is_missing_or_nothing_is_to_be_written(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = _answering(monkeypatch, "y")
    shop.run("init", "--hook", "--dry-run")
    shop.run("wire")
    shop.run("init", "--hook")
    assert questions == []


def test_an_invalid_target_keeps_no_setup_from_being_written(shop: Repository) -> None:
    shop.write("ops/targets/prod.yaml", "clusters: 3\n")
    assert ".pre-commit-config.yaml" in shop.run("init")
    assert "a target file is invalid" in shop.completed("init", "--wire", code=1).stderr
