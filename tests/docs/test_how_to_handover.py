"""The page on hand-overs is run: files are written, commands print what it shows; `make golden` writes outputs."""

import re

from support.repository import CHECKOUT, Repository

_PAGE = CHECKOUT / "docs/how-to-handover.md"
_BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _shown(repository: Repository, block: re.Match[str]) -> str:
    language, body = block.groups()
    first = body.split("\n", 1)[0]
    if language == "yaml":
        if first.startswith(("# requests/", "# ops/", "# apps/")):
            repository.write(first.removeprefix("# "), body.split("\n", 1)[1])
        return block[0]
    outputs = []
    for command in re.findall(r"^\$ (.*)$", body, re.MULTILINE):
        done = repository.tool("sh", "-c", command, code=None, variables={"SOURCE_DATE_EPOCH": "1767225600"})
        outputs.append(f"$ {command}\n{done.stdout}{done.stderr}")
    return f"```console\n{''.join(outputs)}```"


def test_everything_that_the_page_shows_is_real(repository: Repository, refresh: bool) -> None:
    text = _PAGE.read_text(encoding="utf-8")

    real = _BLOCK.sub(lambda block: _shown(repository, block), text)

    if refresh:
        _PAGE.write_text(real, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == real
    assert "OWN-001" in real
    assert "OWN-003" in real
