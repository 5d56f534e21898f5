"""The page on installing is run from its first command to its last, as a reader would; `make golden` writes outputs."""

import re
from pathlib import Path

from infra_scale import __version__
from infra_scale.core.render.setup import PLACEHOLDER
from support.repository import CHECKOUT, MOMENT, Repository, released

_PAGE = CHECKOUT / "docs/how-to-install.md"
_BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXAMPLE = "https://git.example.com/tools/infra.scale"


def test_every_command_of_the_page_works_and_prints_what_it_shows(
    git_repository: Repository, tmp_path: Path, refresh: bool
) -> None:
    ours = released(tmp_path / "ours", version=__version__)
    variables = {
        "SOURCE_DATE_EPOCH": MOMENT,
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "KUBECONFIG": str(tmp_path / "none"),
        # The page's example is a real repository for this test: git fetches from our own in its place.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{ours.root}.insteadOf",
        "GIT_CONFIG_VALUE_0": _EXAMPLE,
    }

    def run(block: re.Match[str]) -> str:
        language, body = block.groups()
        if language == "sh":
            git_repository.tool("sh", "-e", "-c", body, variables=variables)
            return block[0]
        (command,) = re.findall(r"^\$ (.*)$", body, re.MULTILINE)
        done = git_repository.tool("sh", "-c", command, variables=variables)
        return f"```console\n$ {command}\n{done.stdout}{done.stderr}```"

    text = _PAGE.read_text(encoding="utf-8")
    real = _BLOCK.sub(run, text)

    if refresh:
        _PAGE.write_text(real, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == real
    assert git_repository.git("log", "--format=%s").splitlines() == ["Set up infra-scale"]
    assert git_repository.git("status", "--porcelain") == ""


def test_the_page_knows_this_version() -> None:
    assert f"{PLACEHOLDER}@v{__version__}" in _PAGE.read_text(encoding="utf-8")
