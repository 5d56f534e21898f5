"""Git's index in odd states: settings of a user, a damaged database, and a work tree that does not look like it."""

import hashlib
from pathlib import Path

import pytest

from support.repository import REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


def _blob(repository: Repository, path: str) -> Path:
    """The file of git's database that has what is staged at a path."""
    name = repository.git("rev-parse", f":{path}").strip()
    return repository.root / f".git/objects/{name[:2]}/{name[2:]}"


def test_a_setting_of_git_does_not_hide_that_others_commit(git_repository: Repository) -> None:
    """With nothing staged everything is looked at, and then plans that are out of step stop somebody else's commit."""
    git_repository.git("config", "diff.relative", "true")
    git_repository.write("infra/requests/web.yaml")
    git_repository.git("add", "infra")
    git_repository.git("commit", "--quiet", "--message", "without its plan")
    git_repository.write("README.md", "hello")
    git_repository.git("add", "README.md")

    assert git_repository.run("compile", "--staged", "--root", "infra") == ""


def test_half_of_a_request_is_not_taken_for_all_of_it(git_repository: Repository) -> None:
    """Git has told the size before it finds that it cannot read the rest; here the rest is what matters."""
    noise = "".join(f"# {hashlib.sha256(b'%d' % number).hexdigest()}\n" for number in range(3000))
    git_repository.write("requests/web.yaml", REQUEST + noise)
    git_repository.git("add", "requests")
    blob = _blob(git_repository, "requests/web.yaml")
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes()[:60_000])

    done = git_repository.completed("compile", "--staged", code=1)

    assert "infra-scale: git cannot read requests/web.yaml: fatal: unable to stream" in done.stderr
    assert "git fsck" in done.stderr
    assert git_repository.tree() == {}


@pytest.mark.parametrize("what", ["link", "folder"])
def test_what_somebody_put_where_a_plan_was_is_not_deleted_with_the_plan(git_repository: Repository, what: str) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.git("rm", "--quiet", "--cached", "requests/web.yaml")
    place = git_repository.root / PLAN
    place.unlink()
    place.symlink_to("elsewhere") if what == "link" else place.mkdir()

    said = git_repository.run("compile", "--staged", code=1)

    assert "deleted   prod/web" in said
    assert place.is_symlink() or place.is_dir()


def test_the_name_of_a_content_stands_for_it_whatever_git_shows_instead(git_repository: Repository) -> None:
    """Nobody else has our `git replace`; and what is known of a content is known by its name."""
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.write("other.yaml", REQUEST.replace("6", "9"))
    other = git_repository.git("hash-object", "-w", "other.yaml").strip()
    git_repository.git("replace", git_repository.git("rev-parse", ":requests/web.yaml").strip(), other)

    for option in ("--jobs=1", "--no-cache"):
        assert "all plans are up to date" in git_repository.run("compile", "--staged", option)


def test_nothing_is_fetched_into_a_partial_clone_and_the_error_tells_how(
    git_repository: Repository,
) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "start")
    git_repository.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{git_repository.root}"
    git_repository.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", url, "../partial")
    partial = Repository(git_repository.root.parent / "partial")
    partial.git("read-tree", "HEAD")
    (partial.root / "requests").mkdir()
    missing = ("rev-list", "--objects", "--all", "--missing=print")
    before = partial.git(*missing)

    staged = partial.completed("compile", "--staged", code=1).stderr
    compared = partial.completed("diff", "HEAD", code=1).stderr

    assert "the content of requests/web.yaml is not in this partial clone, and infra-scale fetches nothing" in staged
    assert "the content of requests/web.yaml is not in this partial clone" in compared
    assert partial.git(*missing) == before
    assert "?" in before
    partial.paste(staged.rpartition("fetch it: ")[2])
    assert "created   prod/web" in partial.run("compile", "--staged", code=1)


def test_a_partial_clone_without_trees_is_one_error_too(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "start")
    git_repository.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{git_repository.root}"
    git_repository.git("clone", "--quiet", "--no-checkout", "--filter=tree:0", url, "../partial")
    partial = Repository(git_repository.root.parent / "partial")
    (partial.root / "requests").mkdir()

    said = partial.completed("diff", "HEAD", code=1).stderr

    assert "git ls-tree needs objects that are not in this partial clone, and infra-scale fetches nothing" in said
    partial.paste(said.rpartition("help: fetch all of them: ")[2])
    assert partial.completed("diff", "HEAD", code=None).stderr.count("partial clone") == 0


@pytest.mark.parametrize("folder", ["requests", "ops/targets"])
def test_a_link_in_the_place_of_a_whole_folder_is_told(git_repository: Repository, folder: str) -> None:
    git_repository.write("ops/targets/prod.yaml", "{}\n")
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "start")
    place = git_repository.root / folder
    place.rename(git_repository.root / "elsewhere")
    place.symlink_to(git_repository.root / "elsewhere")
    git_repository.git("add", "--all")

    done = git_repository.completed("compile", "--staged", code=1)

    assert f"{folder}:1:1: FIL-001 error: this is a symbolic link" in done.stdout
    assert "deleted" not in done.stdout
