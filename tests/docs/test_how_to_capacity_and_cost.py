"""The page on capacity and cost is run from top to bottom; `make golden` writes outputs."""

import re

from support.repository import CHECKOUT, MOMENT, Repository

_PAGE = CHECKOUT / "docs/how-to-capacity-and-cost.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOON = "2026-01-01T12:00:00Z"
_VARIABLES = {"SOURCE_DATE_EPOCH": MOMENT, "GIT_AUTHOR_DATE": _NOON, "GIT_COMMITTER_DATE": _NOON}


def test_every_file_and_command_of_the_page_does_what_it_shows(git_repository: Repository, refresh: bool) -> None:
    def run(block: re.Match[str]) -> str:
        language, body = block.groups()
        if language == "yaml":
            first, rest = body.split("\n", 1)
            git_repository.write(first.removeprefix("# "), rest)
            return block[0]
        if language == "sh":
            git_repository.tool("sh", "-e", "-c", body, variables=_VARIABLES)
            return block[0]
        (command,) = re.findall(r"^\$ (.*)$", body, re.MULTILINE)
        done = git_repository.tool("sh", "-c", command, variables=_VARIABLES)
        return f"```{language}\n$ {command}\n{done.stdout}{done.stderr}```"

    text = _PAGE.read_text(encoding="utf-8")
    real = _BLOCK.sub(run, text)

    if refresh:
        _PAGE.write_text(real, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == real
    assert {language for language, _ in _BLOCK.findall(text)} == {"yaml", "sh", "console"}
    assert "fits, after scale-up at HPA max" in real
