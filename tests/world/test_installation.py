"""Where infra-scale was installed from, as pip has written it down."""

import json
from importlib import metadata
from pathlib import Path

import pytest

from infra_scale.adapters import installation

_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_GIT = {"url": "https://git.example.com/infra.scale", "vcs_info": {"vcs": "git", "commit_id": _COMMIT}}
_FOLDER = {"url": "file:///srv/infra scale", "dir_info": {"editable": True}}


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (_GIT, f"pip install 'infra-scale[github] @ git+https://git.example.com/infra.scale@{_COMMIT}'"),
        (_FOLDER, "pip install 'infra-scale[github] @ file:///srv/infra scale'"),
        (None, "pip install 'infra-scale[github]'"),
    ],
)
def test_an_extra_comes_from_where_the_rest_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: dict[str, object] | None, said: str
) -> None:
    """By name only, a package index could provide another package."""
    info = tmp_path / "infra_scale-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: infra-scale\nVersion: 1\n")
    if origin:
        (info / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.setattr(metadata, "distribution", lambda _: metadata.Distribution.at(info))

    assert installation.with_extra("github") == said
