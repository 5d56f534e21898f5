"""Builds in memory against those of the real kubectl."""

from pathlib import Path

import pytest

from support.build_cases import CASES
from support.builds import build, kubectl, wrong


@pytest.mark.parametrize("name", CASES)
def test_kubectl_builds_or_refuses_the_same(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    assert wrong(build(case.files), kubectl(tmp_path, case.files)) == []
