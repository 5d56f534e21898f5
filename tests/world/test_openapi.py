"""The judge of our requests to GitHub can say no."""

import json

import pytest

from support.openapi import description

_PULLS = "/repos/o/r/pulls"


def _violations(method: str, url: str, **body: object) -> list[str]:
    return description().violations(method, url, json.dumps(body).encode() if body else b"")


def test_a_request_as_github_describes_it_passes() -> None:
    assert _violations("POST", _PULLS, title="t", head="h", base="b", draft=True) == []
    assert _violations("GET", f"{_PULLS}?state=open&per_page=100") == []
    assert _violations("GET", "/repos/o/r/git/ref/heads%2Finfra/scale-prod") == []
    assert _violations("PATCH", "/repos/o/r/git/refs/heads/infra/scale-prod", sha="0" * 40, force=False) == []


@pytest.mark.parametrize(
    ("request_line", "body", "said"),
    [
        (f"POST {_PULLS}", {"title": "t", "head": "h", "base": "b", "draft": "yes"}, "draft"),
        (f"POST {_PULLS}", {"title": "t", "base": "b"}, "'head' is a required property"),
        (f"POST {_PULLS}", {"title": "t", "head": "h", "base": "b", "labels": []}, "unknown key labels"),
        (f"POST {_PULLS}", {}, "no body"),
        (f"GET {_PULLS}?state=opened", {}, "'opened' is not one of"),
        (f"GET {_PULLS}?stat=open", {}, "unknown query parameter stat"),
        ("PATCH /repos/o/r/git/ref/heads/main", {"sha": "0" * 40}, "GitHub has no such operation"),
    ],
)
def test_any_other_request_is_a_violation(request_line: str, body: dict[str, object], said: str) -> None:
    method, url = request_line.split(" ")

    assert said in "\n".join(_violations(method, url, **body))
