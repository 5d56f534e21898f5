"""`infra-scale init`: from an empty repository to a first commit that passes its own hook."""

import re
import venv
from pathlib import Path

import pytest
import yaml

from infra_scale import __version__
from infra_scale.core.setup.codeowners import owners_of
from support.actions import Runner, jobs
from support.github_server import TOKEN, GitHubServer
from support.repository import CHECKOUT, REQUEST, Repository, released

SOURCE = "https://git.example.com/infra.scale"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CHECK, PUBLISH = ".github/workflows/infra-scale.yml", ".github/workflows/infra-scale-publish.yml"
WRITTEN = {
    ".gitattributes",
    ".github/workflows/infra-scale-publish.yml",
    ".github/workflows/infra-scale.yml",
    ".gitignore",
    ".pre-commit-config.yaml",
    "ops/plans/infra-scale/prod/example/web/SUMMARY.md",
    "ops/plans/infra-scale/prod/example/web/plan.yaml",
    "ops/rendered/infra-scale/prod/example/deployment-web/hpa-web.yaml",
    "ops/rendered/infra-scale/prod/example/deployment-web/kustomization.yaml",
    "ops/rendered/infra-scale/prod/example/kustomization.yaml",
    "ops/targets/prod.yaml",
    "requests/example/web.yaml",
    "schemas/scale-request.schema.json",
    "schemas/target.schema.json",
}


def _files(repository: Repository) -> dict[str, bytes]:
    return {path: content for path, content in repository.tree(".").items() if not path.startswith(".git/")}


def test_an_empty_repository_gets_everything_and_its_plans_are_in_step(git_repository: Repository) -> None:
    said = git_repository.run("init")

    assert set(_files(git_repository)) == WRITTEN
    assert said.splitlines() == [f"created   {path}" for path in sorted(WRITTEN)]
    git_repository.run("compile", "--check")


def test_a_second_run_touches_nothing_and_says_so(git_repository: Repository) -> None:
    git_repository.run("init")
    before = {path: (git_repository.root / path).stat() for path in WRITTEN}

    again = git_repository.completed("init", variables={"SOURCE_DATE_EPOCH": "1800000000"})

    assert again.stdout == "nothing to do: all files exist\n"
    assert "next:" not in again.stderr
    assert {path: (git_repository.root / path).stat().st_mtime_ns for path in WRITTEN} == {
        path: stat.st_mtime_ns for path, stat in before.items()
    }


@pytest.mark.parametrize("source", [SOURCE, "https://github.com/acme/scale.git", "ssh://git@github.com/acme/scale"])
@pytest.mark.parametrize("options", [(), ("--commit", COMMIT), ("--commit", COMMIT, "--no-plans")])
def test_a_second_run_need_not_be_told_the_same_again(
    git_repository: Repository, source: str, options: tuple[str, ...]
) -> None:
    git_repository.run("init", "--source", source, *options)

    assert git_repository.run("init") == "nothing to do: all files exist\n"

    (git_repository.root / ".pre-commit-config.yaml").unlink()
    assert git_repository.run("init") == "created   .pre-commit-config.yaml\n"


def test_dry_run_lists_the_files_and_writes_none(git_repository: Repository) -> None:
    said = git_repository.run("init", "--dry-run")

    assert said.splitlines() == [f"create    {path}" for path in sorted(WRITTEN)]
    assert _files(git_repository) == {}


def test_files_that_are_there_already_are_kept_and_reported(git_repository: Repository) -> None:
    mine = {".github/workflows/infra-scale.yml": "mine\n", "schemas/target.schema.json": "{}\n"}
    for path, content in mine.items():
        git_repository.write(path, content)

    said = git_repository.run("init")

    assert "kept      .github/workflows/infra-scale.yml: already exists and differs\n" in said
    assert "kept      schemas/target.schema.json: already exists and differs (`infra-scale schema target`" in said
    assert {path: git_repository.read(path) for path in mine} == mine


def test_a_hook_configuration_that_is_there_is_left_alone_and_the_hook_to_add_is_shown(
    git_repository: Repository,
) -> None:
    git_repository.write(".pre-commit-config.yaml", "repos: []\n")

    said = git_repository.completed("init", "--source", SOURCE, "--commit", COMMIT).stderr

    assert git_repository.read(".pre-commit-config.yaml") == "repos: []\n"
    (added,) = yaml.safe_load(said.split("add the hook to it:\n")[1].split("\n\n")[0])
    assert added == {
        "repo": SOURCE,
        "rev": COMMIT,
        "hooks": [{"id": "infra-scale-compile"}],
    }


def test_a_hook_configuration_that_has_the_hook_asks_for_nothing(git_repository: Repository) -> None:
    git_repository.write(".pre-commit-config.yaml", "repos: [{repo: x, rev: y, hooks: [{id: infra-scale-compile}]}]\n")

    said = git_repository.completed("init").stderr

    assert "add the hook" not in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.log", "*.log\n.artifacts/\n"),
        ("*.log\r\n", "*.log\r\n.artifacts/\r\n"),
        ("", ".artifacts/\n"),
        (".artifacts/\n*.log", ".artifacts/\n*.log"),
    ],
    ids=["no final line end", "windows line ends", "empty", "there already"],
)
def test_git_files_get_only_the_lines_that_they_lack(git_repository: Repository, before: str, after: str) -> None:
    git_repository.write(".gitignore", before)
    git_repository.write(".gitattributes", "requests/**   text  eol=lf\n")

    said = git_repository.run("init")

    assert (git_repository.root / ".gitignore").read_bytes() == after.encode()
    assert git_repository.read(".gitattributes").splitlines() == [
        "requests/**   text  eol=lf",
        "ops/plans/** text eol=lf linguist-generated=true",
        "ops/rendered/** text eol=lf -linguist-generated",
    ]
    assert "extended  .gitattributes\n" in said
    assert (".gitignore" in said) == (before != after)


def test_a_repository_with_requests_gets_no_sample(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml", REQUEST.replace("prod", "live"))

    git_repository.run("init")

    written = set(_files(git_repository))
    assert written == {path for path in WRITTEN if not path.startswith(("ops/", "requests/"))} | {"requests/web.yaml"}
    git_repository.run("validate")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("ops/targets/deploy.yaml", "ops/targets/deploy.yaml: unknown key `hosts`"),
        ("ops/targets/Deploy.yaml", "ops/targets/Deploy.yaml: this file name cannot be the name of a target"),
    ],
)
def test_no_sample_is_written_that_would_not_compile(git_repository: Repository, path: str, said: str) -> None:
    git_repository.write(path, "hosts: []\n")

    done = git_repository.completed("init")

    assert f"no sample was written, because it would not compile: {said}" in done.stderr
    assert "requests/example/web.yaml" not in _files(git_repository)

    git_repository.write("ops/targets/prod.yaml", "description: Ours\n")
    (git_repository.root / path).unlink()
    assert "created   requests/example/web.yaml" in git_repository.run("init")


def test_the_sample_aims_at_a_target_that_is_known(git_repository: Repository) -> None:
    git_repository.write("ops/targets/live.yaml", "clusters: []\n")

    git_repository.run("init")

    assert "target: live\n" in git_repository.read("requests/example/web.yaml")
    git_repository.run("compile", "--check")
    assert [file.name for file in (git_repository.root / "ops/targets").iterdir()] == ["live.yaml"]


def test_a_sub_folder_of_a_repository_is_refused_with_the_command_for_its_top(git_repository: Repository) -> None:
    (git_repository.root / "scaling").mkdir()

    for arguments, cwd in ((["init", "scaling"], "."), (["init"], "scaling"), (["init", "new/folder"], ".")):
        refused = git_repository.completed(*arguments, cwd=cwd, code=2)
        assert f"help: infra-scale init {git_repository.root}" in refused.stderr

    assert _files(git_repository) == {}


def test_the_command_for_the_top_can_be_typed_where_its_name_has_a_blank(repository: Repository) -> None:
    repository.git("init", "--quiet", "our platform")

    refused = repository.completed("init", "our platform/new", code=2)

    assert f"help: infra-scale init '{repository.root}/our platform'\n" in refused.stderr


def test_credentials_in_a_workflow_are_not_copied_into_the_hook(git_repository: Repository) -> None:
    git_repository.run("init", "--source", SOURCE)
    git_repository.write(CHECK, git_repository.read(CHECK).replace("https://git", "https://me:secret@git"))
    (git_repository.root / ".pre-commit-config.yaml").unlink()

    git_repository.run("init")

    assert "repo: https://github.com/your-org/infra.scale\n" in git_repository.read(".pre-commit-config.yaml")


def test_a_folder_without_git_is_set_up_and_told_what_is_missing(repository: Repository) -> None:
    said = repository.completed("init", "new place").stderr

    assert "    cd 'new place'\n    git init " in said
    assert set(_files(Repository(repository.root / "new place"))) == WRITTEN


def test_a_work_tree_of_its_own_is_a_top(git_repository: Repository) -> None:
    git_repository.git("commit", "--quiet", "--allow-empty", "--message", "first")
    git_repository.git("worktree", "add", "--quiet", "../linked")

    git_repository.run("init", "../linked")

    assert (git_repository.root / "../linked/requests/example/web.yaml").is_file()


@pytest.mark.parametrize("folder", [".github", "requests", "ops", "schemas"])
def test_nothing_is_written_through_a_link_nor_beside_it(
    git_repository: Repository, folder: str, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (git_repository.root / folder).symlink_to(tmp_path / "outside")

    refused = git_repository.completed("init", code=1)

    assert f"{folder} is a symbolic link" in refused.stderr
    assert list((tmp_path / "outside").iterdir()) == []
    assert {item.name for item in git_repository.root.iterdir()} == {".git", folder}


def test_a_link_in_the_place_of_a_file_is_kept(git_repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("*.log")
    (git_repository.root / ".gitignore").symlink_to(tmp_path / "outside")

    said = git_repository.run("init")

    assert "kept      .gitignore: already exists and is a symbolic link" in said
    assert (tmp_path / "outside").read_text() == "*.log"
    assert (git_repository.root / ".gitignore").is_symlink()


def test_a_file_in_the_place_of_a_folder_is_found_before_anything_is_written(git_repository: Repository) -> None:
    git_repository.write("schemas", "a file")

    refused = git_repository.completed("init", code=1)

    assert "cannot read schemas/scale-request.schema.json: Not a directory" in refused.stderr
    assert set(_files(git_repository)) == {"schemas"}


def test_a_disk_that_is_full_halfway_leaves_whole_files_and_the_next_run_completes_them(
    git_repository: Repository,
) -> None:
    """A limit on the size of files stands for it: the first schema is larger."""
    stopped = git_repository.tool("bash", "-c", "ulimit -f 4; PYTHONDONTWRITEBYTECODE=1 infra-scale init", code=1)

    assert "cannot write schemas/scale-request.schema.json" in stopped.stderr
    written = _files(git_repository)
    assert set(written) < WRITTEN
    said = git_repository.run("init")
    assert said.splitlines() == [f"created   {path}" for path in sorted(WRITTEN - set(written))]
    assert {path: content for path, content in _files(git_repository).items() if path in written} == written
    git_repository.run("compile", "--check")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("git@github.com:your-org/infra.scale", "both pip and pre-commit"),
        ('https://example.com/"; curl evil', "both pip and pre-commit"),
        ("https://example.com/${{ github.token }}", "both pip and pre-commit"),
        ("https://me:secret@example.com/infra.scale", "has credentials"),
    ],
)
def test_a_source_that_could_not_be_committed_as_it_is_is_wrong_usage(
    git_repository: Repository, source: str, said: str
) -> None:
    refused = git_repository.completed("init", "--source", source, code=2)

    assert said in refused.stderr
    assert _files(git_repository) == {}


_ORIGINS = {
    "github": ("https://github.com/acme/infra.scale", COMMIT),
    "elsewhere": (SOURCE, COMMIT),
    "commit unknown": ("https://github.com/acme/infra.scale", None),
    "elsewhere, commit unknown": (SOURCE, None),
    "unknown": (None, None),
}


@pytest.fixture(params=["github", *(pytest.param(name, marks=pytest.mark.long) for name in [*_ORIGINS][1:])])
def written(request: pytest.FixtureRequest, git_repository: Repository) -> Repository:
    """What `init` writes, by what it knows of where infra-scale is from."""
    source, commit = _ORIGINS[request.param]
    given = [*(("--source", source) if source else ()), *(("--commit", commit) if commit else ())]
    git_repository.run("init", *given, "--codeowners", "@acme/platform")
    return git_repository


def test_workflows_and_hook_pass_the_linters(written: Repository) -> None:
    _lint(written)

    (written.root / CHECK).unlink()
    written.run("init", "--no-plans")
    _lint(written)


def _lint(repository: Repository) -> None:
    repository.tool("zizmor", "--offline", "--quiet", "--persona=pedantic", ".")
    repository.tool("zizmor", "--offline", "--quiet", "--persona=pedantic", "--collect=pre-commit", ".")
    for workflow in (CHECK, PUBLISH):
        repository.tool("actionlint", "-shellcheck=", "-pyflakes=", workflow)
        repository.tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
    repository.tool("pre-commit", "validate-config")


def test_nothing_that_is_written_names_a_tag_a_branch_or_an_index(written: Repository) -> None:
    """Whoever moves a tag would run code in a job that can write."""
    texts = [written.read(path) for path in (CHECK, PUBLISH, ".pre-commit-config.yaml")]
    pins = [pin for text in texts for pin in re.findall(r"(?:uses:.*@|COMMIT: |rev: )(.*?) #", text)]

    assert len(pins) == 5
    assert [pin for pin in pins if not re.fullmatch('"?[0-9a-f]{40}"?', pin)] == []
    assert [text for text in texts if "pip install" in text] == []


def test_our_own_workflows_have_the_same_pins(written: Repository) -> None:
    ours = (CHECKOUT / ".github/workflows/plan.yml").read_text()
    used = re.findall("uses: (actions/.*)", written.read(CHECK) + written.read(PUBLISH))

    assert len(used) == 2
    assert [pin for pin in used if pin not in ours] == []


def test_a_commit_that_is_not_known_is_a_placeholder_that_nothing_has_and_is_told(git_repository: Repository) -> None:
    """It fails closed: GitHub resolves no such action, and git fetches no such commit."""
    said = git_repository.completed("init", "--source", "https://github.com/acme/infra.scale").stderr

    zeros = f"{'0' * 40} # placeholder: the commit of infra-scale {__version__}"
    assert f"uses: acme/infra.scale@{zeros}\n" in git_repository.read(PUBLISH)
    assert "the commit of infra-scale is unknown; until you set it, these files fail: .pre-commit" in said
    assert f"help: replace {'0' * 40} with its full SHA, or remove the files and use --commit\n" in said
    assert "# once the commit is set" in said


def test_each_job_has_what_it_needs_and_no_more(git_repository: Repository) -> None:
    git_repository.run("init", "--source", SOURCE, "--commit", COMMIT)

    check, publish = (yaml.safe_load(git_repository.read(path)) for path in (CHECK, PUBLISH))

    assert check["permissions"] == publish["permissions"] == {}
    (checking,), (publishing,) = check["jobs"].values(), publish["jobs"].values()
    assert checking["permissions"] == {"contents": "read", "pull-requests": "write", "issues": "write"}
    assert publishing["permissions"] == {"contents": "write", "pull-requests": "write", "issues": "write"}
    assert publishing["steps"][0]["with"] == {"fetch-depth": 0, "persist-credentials": False}
    runs = [step["run"] for job in (checking, publishing) for step in job["steps"] if "run" in step]
    assert runs
    assert [run for run in runs if "${{" in run] == []


def test_the_check_runs_for_every_pull_request_and_is_never_skipped(git_repository: Repository) -> None:
    """A filter of paths would leave a required check pending, and a skipped one counts as passed."""
    git_repository.run("init")

    check, publish = (yaml.safe_load(git_repository.read(path)) for path in (CHECK, PUBLISH))

    started_by = check[True]  # YAML 1.1 reads `on` as true
    assert started_by.keys() == {"pull_request", "merge_group"}
    assert started_by["pull_request"].keys() == {"types"}
    assert {"opened", "synchronize", "reopened", "edited"} <= set(started_by["pull_request"]["types"])
    assert "if" not in check["jobs"]["check"]
    names = {job["name"] for job in check["jobs"].values()} & {job["name"] for job in publish["jobs"].values()}
    assert names == set()


def test_the_schemas_are_those_of_this_version_and_accept_the_samples(git_repository: Repository) -> None:
    git_repository.run("init")

    for path in sorted(WRITTEN):
        if path.startswith("schemas/"):
            assert git_repository.read(path) == (CHECKOUT / path).read_text(encoding="utf-8")
    for file in ("requests/example/web.yaml", "ops/targets/prod.yaml"):
        modeline = git_repository.read(file).split("\n")[0]
        schema = git_repository.root / Path(file).parent / modeline.removeprefix("# yaml-language-server: $schema=")
        git_repository.tool("check-jsonschema", "--schemafile", str(schema), file)


@pytest.mark.long
def test_the_first_commit_passes_the_real_hook_and_an_edited_request_is_stopped_until_its_plan_is_added(
    git_repository: Repository, tmp_path: Path
) -> None:
    """As users do it: pre-commit clones our release, and builds it in an environment of its own."""
    ours = released(tmp_path / "ours", version=__version__)
    commit = ours.git("rev-parse", "HEAD").strip()
    home = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    said = git_repository.completed("init", "--source", f"file://{ours.root}", "--commit", commit).stderr
    (add,) = [line.split()[1:] for line in said.splitlines() if line.startswith("    git add ")]
    git_repository.tool(str(CHECKOUT / ".venv/bin/pre-commit"), "install")

    git_repository.git(*add)
    first = git_repository.tool("git", "commit", "--message", "Set up infra-scale", variables=home)
    assert "Passed" in first.stderr
    assert git_repository.git("status", "--porcelain") == ""

    edited = git_repository.read("requests/example/web.yaml").replace("replicas: 3", "replicas: 4")
    git_repository.write("requests/example/web.yaml", edited)
    stopped = git_repository.tool("git", "commit", "--all", "--message", "More", variables=home, code=1)
    advice = "git add -A -- ops/plans/infra-scale/prod/example/web"
    assert advice in stopped.stderr

    git_repository.git(*advice.split()[1:], "requests")
    git_repository.tool("git", "commit", "--message", "More", variables=home)
    assert "to: 4" in git_repository.git("show", "HEAD:ops/plans/infra-scale/prod/example/web/plan.yaml")


@pytest.mark.long
def test_who_has_installed_it_from_a_repository_gets_the_hook_and_the_workflow_from_there(
    git_repository: Repository, tmp_path: Path
) -> None:
    ours = released(tmp_path / "ours", version=__version__)
    venv.create(tmp_path / "clean", with_pip=True)
    pip = [str(tmp_path / "clean/bin/python"), "-m", "pip", "install", "--quiet"]
    git_repository.tool(*pip, f"git+file://{ours.root}@v{__version__}")

    said = git_repository.tool(str(tmp_path / "clean/bin/infra-scale"), "init").stderr

    commit = ours.git("rev-parse", "HEAD").strip()
    assert "is unknown" not in said
    (hook,) = yaml.safe_load(git_repository.read(".pre-commit-config.yaml"))["repos"]
    assert (hook["repo"], hook["rev"]) == (f"file://{ours.root}", commit)
    assert f'rev: "{commit}" # frozen: v{__version__}\n' in git_repository.read(".pre-commit-config.yaml")
    assert f'COMMIT: "{commit}" # v{__version__}\n' in git_repository.read(PUBLISH)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Our own repository as others fetch it."""
    return released(tmp_path_factory.mktemp("ours"), version=__version__)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, ours: Repository) -> Runner:
    """A machine of GitHub Actions, where git finds our repository."""
    found_at = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{ours.root}.insteadOf",
        "GIT_CONFIG_VALUE_0": SOURCE,
    }
    return Runner(tmp_path_factory.mktemp("runner"), found_at)


@pytest.mark.long
@pytest.mark.parametrize("source", ["https://github.com/acme/infra.scale", SOURCE])
def test_the_jobs_of_the_workflows_run_as_they_are_written(
    clone: Repository, server: GitHubServer, runner: Runner, ours: Repository, source: str
) -> None:
    """Against a look-alike of GitHub, after a push to the default branch."""
    (clone.root / "requests/web.yaml").unlink()
    clone.run("init", "--source", source, "--commit", ours.git("rev-parse", "HEAD").strip())
    _push(clone, server)
    token = {"github.token": TOKEN}

    checked = runner.run(jobs(clone, CHECK)["check"], clone, variables=server.environment, expressions=token)
    published = runner.run(jobs(clone, PUBLISH)["publish"], clone, variables=server.environment, expressions=token)

    assert checked == "1 request: all plans are up to date; nothing found\n"
    assert published == "up_to_date\n"


@pytest.mark.long
@pytest.mark.parametrize(
    "case", [("4", 0, "1 plan missing"), ("four", 1, "replicas: expected a whole number")], ids=["valid", "invalid"]
)
def test_where_plans_come_later_a_request_alone_is_green_and_an_invalid_one_is_red(
    clone: Repository, server: GitHubServer, runner: Runner, ours: Repository, case: tuple[str, int, str]
) -> None:
    replicas, code, said = case
    (clone.root / "requests/web.yaml").unlink()
    clone.run("init", "--no-plans", "--source", SOURCE, "--commit", ours.git("rev-parse", "HEAD").strip())
    _push(clone, server)
    edited = clone.read("requests/example/web.yaml").replace("replicas: 3", f"replicas: {replicas}")
    clone.write("requests/example/web.yaml", edited)
    clone.git("commit", "--quiet", "--all", "--message", "more")

    checked = runner.run(jobs(clone, CHECK)["check"], clone, code=code, variables=server.environment)

    assert said in checked
    assert clone.tree("ops") == {"ops/targets/prod.yaml": clone.read("ops/targets/prod.yaml").encode()}


@pytest.mark.long
def test_where_plans_come_later_the_first_commit_passes_its_own_hook(
    git_repository: Repository, ours: Repository, tmp_path: Path
) -> None:
    commit = ours.git("rev-parse", "HEAD").strip()
    git_repository.run("init", "--no-plans", "--source", f"file://{ours.root}", "--commit", commit)
    git_repository.git("add", "--all")

    home = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    said = git_repository.tool("pre-commit", "run", variables=home).stdout

    assert "infra.scale: validate requests" in said
    assert "Passed" in said


def _push(repository: Repository, server: GitHubServer) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "set up")
    server.push(repository)


@pytest.mark.parametrize("commit", ["v0.1.0", "0123456", COMMIT.upper(), "0" * 40, f"{COMMIT}0"])
def test_only_a_full_commit_is_taken_for_one(git_repository: Repository, commit: str) -> None:
    refused = git_repository.completed("init", "--commit", commit, code=2).stderr

    assert "--commit must be a full SHA of 40 lower-case hexadecimal digits, got" in refused
    assert _files(git_repository) == {}


def test_code_owners_of_what_decides_are_written_where_there_are_none(git_repository: Repository) -> None:
    git_repository.run("init", "--codeowners", "@acme/platform", "--codeowners", "@pat")

    text = git_repository.read(".github/CODEOWNERS")
    for path in ("ops/targets/prod.yaml", "ops/rendered/x", ".github/workflows/x.yml", ".gitattributes"):
        assert owners_of(text, path) == ("@acme/platform", "@pat")
    assert git_repository.run("init") == "nothing to do: all files exist\n"


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_code_owners_that_are_there_are_kept_and_what_to_add_is_shown(git_repository: Repository, place: str) -> None:
    mine = "/ops/ @acme/ops\n/.github/ @acme/ci\n"
    git_repository.write(place, mine)

    done = git_repository.completed("init", "--codeowners", "@acme/platform")

    assert git_repository.read(place) == mine
    assert f"kept      {place}: already exists and differs\n" in done.stdout
    shown = done.stderr.split(f"have no code owner; add to {place}:\n")[1].split("\n\n")[0]
    itself = [] if place.startswith(".github") else [f"/{place}"]
    assert [line.split() for line in shown.splitlines()] == [
        [pattern, "@acme/platform"] for pattern in ["/.gitattributes", "/.pre-commit-config.yaml", *itself]
    ]


def test_code_owners_are_suggested_where_none_are_named(git_repository: Repository) -> None:
    said = git_repository.completed("init").stderr

    assert "have no code owner; add to .github/CODEOWNERS:\n    /ops/ " in said
    assert "`infra-scale init --codeowners @your-org/platform` writes the file" in said


@pytest.mark.parametrize("owner", ["platform", "@acme/", "@a b", "@acme/platform\n* @eve", "#", ""])
def test_what_cannot_be_an_owner_is_wrong_usage(git_repository: Repository, owner: str) -> None:
    refused = git_repository.completed("init", "--codeowners", owner, code=2).stderr

    assert "--codeowners must be @user, @organization/team or an e-mail address" in refused
    assert _files(git_repository) == {}


@pytest.mark.parametrize(
    ("folder", "code", "said"), [("d" * 300, 1, "File name too long"), ("loop", 2, "loop is not a folder")]
)
def test_a_folder_that_cannot_be_is_said(repository: Repository, folder: str, code: int, said: str) -> None:
    (repository.root / "loop").symlink_to("loop")

    assert said in repository.completed("init", folder, code=code).stderr


def test_a_current_folder_that_is_gone_is_said(repository: Repository) -> None:
    done = repository.tool("sh", "-c", f"rmdir {repository.root}; infra-scale init", code=1)

    assert "the current folder does not exist any more" in done.stderr
