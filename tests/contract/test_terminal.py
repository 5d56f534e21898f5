"""What commands look like on a real terminal: in its width, with colours where it takes them, and whole in a pipe."""

import re

import pytest

from infra_scale.cli.main import COMMANDS
from support.repository import REQUEST, Repository
from support.screen import shown

_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_WIDTHS = (40, 80, 120, 200)

_NIGHTLY = """\
apiVersion: infra.scale/v1
kind: Nightly
tasks:
  - name: a-task-with-quite-a-long-name
    when: {env: NOBODY_SETS_THIS, equals: "true"}
    publish: all
"""

_RUNS = {
    "init": ("init", "--dry-run", "elsewhere"),
    "compile": ("compile", "--verbose"),
    "check": ("compile", "--check"),
    "changes": ("compile", "--diff"),
    "validate": ("validate",),
    "wire": ("wire", "--dry-run"),
    "diff": ("diff",),
    "new": ("new", "web", "--workload=Deploymnt:web:x", "--namespace=Upper"),
    "snapshot": ("snapshot", "prod-eu-1"),
    "apply": ("apply", "--dry-run"),
    "rollback": ("rollback", "requests/assistant/web.yaml"),
    "rbac": ("rbac",),
    "nightly": ("nightly",),
    "plan": ("plan", "--workload=Deployment:web:40"),
    "publish": ("publish", "--dry-run"),
    "comment": ("comment",),
    "doctor": ("doctor", "--offline"),
    "explain": ("explain",),
    "schema": ("schema",),
    "completion": ("completion", "bash"),
    "usage": ("compile", "--nonsense"),
}
_PROSE = ("init", "compile", "check", "validate", "wire", "diff", "new", "nightly", "doctor", "explain", "usage")
"""What is for people alone: no file's text, no diff, no contract of lines."""


@pytest.fixture
def busy(git_repository: Repository) -> Repository:
    """A repository in which every command has something to say."""
    git_repository.write("requests/assistant/web.yaml")
    git_repository.write("ops/nightly.yaml", _NIGHTLY)
    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "first")
    hpa = "    hpa: {min: 4, max: 12}\n"
    git_repository.write("requests/assistant/web.yaml", REQUEST.replace("replicas: 6", "replicas: 15") + hpa)
    return git_repository


def _on(repository: Repository, name: str, *, columns: int = 80, **variables: str) -> str:
    return shown(repository.root, *_RUNS[name], columns=columns, variables=variables, code=None)


def test_every_command_is_among_those_that_are_looked_at() -> None:
    assert {run[0] for run in _RUNS.values()} == {*COMMANDS}


@pytest.mark.parametrize("name", _RUNS)
def test_no_code_is_written_where_it_is_not_wanted(busy: Repository, name: str) -> None:
    assert "\x1b" not in _on(busy, name, NO_COLOR="1")
    assert "\x1b" not in _on(busy, name, TERM="dumb")
    piped = busy.completed(*_RUNS[name], code=None)
    assert "\x1b" not in piped.stdout + piped.stderr


@pytest.mark.parametrize("name", ["compile", "check", "changes", "validate", "diff", "doctor"])
def test_colours_end_where_their_text_ends_and_add_no_word(busy: Repository, name: str) -> None:
    coloured = _on(busy, name, columns=120)
    plain = _on(busy, name, columns=120, NO_COLOR="1")

    assert _COLOUR.findall(coloured)[-1] == "\x1b[0m"
    assert not re.search("\x1b\\[[1-9][0-9;]*m[^\x1b]*\x1b\\[[1-9]", coloured)
    if name != "compile":  # it has written what it had to
        assert [line.rstrip() for line in _COLOUR.sub("", coloured).splitlines()] == [
            line.rstrip() for line in plain.splitlines()
        ]


def test_what_was_said_in_colours_is_not_said_again_to_a_terminal_without(busy: Repository) -> None:
    busy.run("compile")
    assert "\x1b[33m" in _on(busy, "compile")

    assert "\x1b" not in _on(busy, "compile", TERM="dumb")


@pytest.mark.parametrize("columns", _WIDTHS)
@pytest.mark.parametrize("name", _PROSE)
def test_no_line_is_left_for_the_terminal_to_break_but_a_single_word(busy: Repository, name: str, columns: int) -> None:
    lines = _on(busy, name, columns=columns, NO_COLOR="1").splitlines()

    too_wide = [line for line in lines if len(line) > columns]
    assert [line for line in too_wide if len(re.split(r"(?<=\S) ", line)) > 1 and "  " not in line.strip()] == []


@pytest.mark.parametrize("name", ["init", "check", "validate", "doctor"])
def test_paths_and_links_stay_whole_on_the_narrowest_terminal(busy: Repository, name: str) -> None:
    done = busy.completed(*_RUNS[name], code=None)
    whole = set(re.findall(r"\S*/\S+", done.stdout + done.stderr))

    assert whole
    assert whole <= set(re.findall(r"\S*/\S+", _on(busy, name, columns=40, NO_COLOR="1")))


@pytest.mark.parametrize("columns", _WIDTHS)
def test_a_broken_command_is_still_one_for_a_shell(git_repository: Repository, columns: int) -> None:
    said = shown(git_repository.root, "init", columns=columns)

    command = re.search(r"^    git add (?:.*\\\n)*.*$", said, re.MULTILINE)
    assert command, said
    git_repository.tool("sh", "-c", command[0])
    assert git_repository.git("status", "--porcelain", "--untracked-files=all").count("A  ") == said.count("created ")


def test_the_carets_stand_below_what_they_mean_on_the_narrowest_terminal(busy: Repository) -> None:
    said = _on(busy, "new", columns=40, NO_COLOR="1").splitlines()

    flag, caret = said.index("   1 | --workload=Deploymnt:web:x"), said.index(f"     | {' ' * 11}{'^' * 9}")
    assert caret == flag + 1


@pytest.mark.parametrize(("columns", "variables"), [(0, {}), (200, {}), (40, {"COLUMNS": "200"})])
def test_lines_stay_whole_where_there_is_room_or_nobody_knows(
    busy: Repository, columns: int, variables: dict[str, str]
) -> None:
    place = "requests/assistant/web.yaml:6:15: HPA-001 note: "

    said = _on(busy, "validate", columns=columns, NO_COLOR="1", **variables)

    assert f"{place}Requested replicas (15) > HPA max (12) for Deployment/web; HPA will cap.\n" in said


def test_a_pipe_gets_whole_lines_in_any_width(busy: Repository) -> None:
    wide, narrow = (busy.run("validate", variables={"COLUMNS": columns}) for columns in ("200", "40"))

    assert wide == narrow


def test_who_has_no_credentials_is_not_sent_to_a_pull_request(busy: Repository) -> None:
    nobody = {"GITHUB_TOKEN": "", "GH_OWNER": "", "GH_REPO": ""}

    said = shown(busy.root, "plan", "--apply", "--workload=Deployment:web:8", columns=80, variables=nobody)

    assert said.endswith("next:     set them, and run again\n")


def test_the_caret_has_the_colour_of_its_finding_and_the_word_help_stands_out(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("6", "six"))

    drawn = shown(repository.root, "validate", columns=80, code=1)

    assert drawn.startswith("\x1b[31mrequests/web.yaml:6:15: SCH-003 error: ")
    assert re.search(r"^     \| +\x1b\[31m\^\^\^\x1b\[0m$", drawn.replace("\r", ""), re.MULTILINE)
    assert "\n    \x1b[32mhelp:\x1b[0m write a whole number" in drawn
