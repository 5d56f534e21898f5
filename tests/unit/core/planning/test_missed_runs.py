"""The missed run that a resumed CronJob starts at once."""

import pytest

from support.pure import compile_one

_MISSED = "if it was suspended, its latest missed run starts at once"
_CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec: {schedule: "@daily", %sjobTemplate: {spec: {template: {spec: {containers: [{name: app, image: a}]}}}}}
"""


def _consequence(setting: str, manifest: str = "") -> str:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: CronJob, name: report, {setting}}}]\n"
    manifests = "\nmanifests: [apps]" if manifest else ""
    (plan,) = compile_one(request, prod=f"clusters: [{{name: eu}}]{manifests}", manifest=manifest).plans
    return plan.consequences[0].what


@pytest.mark.parametrize(
    ("manifest", "when"),
    [
        ("", ", unless it is later than startingDeadlineSeconds"),
        (_CRON_JOB % "", ", however late it is (no startingDeadlineSeconds)"),
        (_CRON_JOB % "startingDeadlineSeconds: 200, ", " if it is at most 200 s late (startingDeadlineSeconds)"),
    ],
    ids=["no manifest", "no deadline", "a deadline"],
)
def test_a_resumed_cron_job_starts_its_latest_missed_run_within_its_deadline(manifest: str, when: str) -> None:
    expected = f"future runs only; a started run continues; {_MISSED}{when}"

    assert _consequence("suspend: false", manifest) == expected


@pytest.mark.parametrize("setting", ["suspend: true", "parallelism: 2"])
def test_a_cron_job_that_is_not_resumed_has_no_line_about_missed_runs(setting: str) -> None:
    assert _consequence(setting) == "future runs only; a started run continues"
