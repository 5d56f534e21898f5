"""The matrix of the page on large repositories is run as the workflow does."""

import json
import re

import yaml

from support.repository import CHECKOUT, COMMAND, MOMENT, Repository

_PAGE = CHECKOUT / "docs/how-to-large-repositories.md"
_WORKFLOW = CHECKOUT / ".github/workflows/matrix.yml"
_REQUEST = "target: prod\nworkloads: [{{kind: Deployment, name: {name}, replicas: {replicas}}}]\n"


def _two_requests(repository: Repository) -> None:
    repository.write("requests/web.yaml", _REQUEST.format(name="web", replicas=3))
    repository.write("requests/cache.yaml", _REQUEST.format(name="cache", replicas=2))


def test_the_workflow_that_the_page_calls_takes_what_it_gives() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (job,) = yaml.safe_load(blocks[0])["jobs"].values()
    workflow = yaml.safe_load(_WORKFLOW.read_text(encoding="utf-8"))
    inputs = workflow[True]["workflow_call"]["inputs"]  # YAML 1.1 reads `on` as true

    assert job["with"].keys() <= inputs.keys()
    assert {name for name, one in inputs.items() if one.get("required")} <= job["with"].keys()
    assert json.loads(job["with"]["parts"]) == [1, 2, 3, 4]
    assert job["uses"].startswith("your-org/infra.scale/.github/workflows/matrix.yml@")


def test_the_steps_of_the_matrix_end_in_the_patch_of_one_run(git_repository: Repository) -> None:
    repository = git_repository
    _two_requests(repository)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "requests")
    jobs = yaml.safe_load(_WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    steps = {step["name"]: step.get("run", "") for job in jobs.values() for step in job["steps"]}
    temp = repository.root.parent / "temp"
    (temp / "parts").mkdir(parents=True)
    (temp / "infra-scale/bin").mkdir(parents=True)
    (temp / "infra-scale/bin/infra-scale").symlink_to(COMMAND)
    for part in ("1", "2"):
        facts = {"RUNNER_TEMP": str(temp), "ROOT": ".", "SHARD": f"{part}/2", "SOURCE_DATE_EPOCH": MOMENT}
        repository.tool("bash", "-e", "-c", steps["Compile this part"], variables=facts)
        (temp / f"part-{part}.patch").rename(temp / f"parts/part-{part}.patch")
        repository.git("reset", "--quiet", "--hard")
        repository.git("clean", "--quiet", "-fdx")

    repository.tool("bash", "-e", "-c", steps["Combine them"], variables={"RUNNER_TEMP": str(temp)})

    together = (temp / "infra-scale.patch").read_bytes()
    repository.git("reset", "--quiet", "--hard")
    repository.git("apply", "--index", str(temp / "infra-scale.patch"))
    assert b"plan.yaml" in together
    assert "2 requests: all plans are up to date" in repository.run("compile", "--check")
