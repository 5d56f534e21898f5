"""The page on policies is run from top to bottom, each file written where it says; `make golden` writes outputs."""

import re

from support.repository import CHECKOUT, MOMENT, Repository

_PAGE = CHECKOUT / "docs/how-to-policies.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_file_and_command_of_the_page_does_what_it_shows(repository: Repository, refresh: bool) -> None:
    def run(block: re.Match[str]) -> str:
        language, body = block.groups()
        if language == "yaml":
            first, rest = body.split("\n", 1)
            repository.write(first.removeprefix("# "), rest)
            return block[0]
        (command,) = re.findall(r"^\$ (.*)$", body, re.MULTILINE)
        done = repository.tool("sh", "-c", command, code=None, variables={"SOURCE_DATE_EPOCH": MOMENT})
        return f"```{language}\n$ {command}\n{done.stdout}{done.stderr}```"

    text = _PAGE.read_text(encoding="utf-8")
    real = _BLOCK.sub(run, text)

    if refresh:
        _PAGE.write_text(real, encoding="utf-8")
    assert {language for language, _ in _BLOCK.findall(text)} == {"yaml", "console"}
    assert _PAGE.read_text(encoding="utf-8") == real
