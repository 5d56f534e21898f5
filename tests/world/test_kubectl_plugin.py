"""`kubectl infra-scale`: the real kubectl finds the plugin, and its help shows commands as they have to be typed."""

import pytest

from support.repository import COMMAND, Repository

_PLUGIN = COMMAND.with_name("kubectl-infra_scale")


def test_kubectl_lists_the_plugin_without_a_warning(repository: Repository) -> None:
    done = repository.tool("kubectl", "plugin", "list", code=None)

    assert str(_PLUGIN) in done.stdout.splitlines()
    assert _PLUGIN.name not in done.stderr


@pytest.mark.parametrize("spelling", ["infra-scale", "infra_scale"])
def test_kubectl_passes_arguments_and_exit_codes_through(repository: Repository, spelling: str) -> None:
    repository.write("requests/web.yaml")

    stale = repository.tool("kubectl", spelling, "compile", "--check", code=1)

    assert "missing" in stale.stdout
    repository.tool("kubectl", spelling, "compile")
    repository.tool("kubectl", spelling, "compile", "--check")


def test_the_help_of_the_plugin_has_the_command_to_type(repository: Repository) -> None:
    helped = repository.tool("kubectl", "infra-scale", "--help").stdout
    of_a_command = repository.tool("kubectl", "infra-scale", "diff", "--help").stdout

    assert helped.startswith("usage: kubectl infra-scale COMMAND [OPTIONS]\n")
    assert "\n  kubectl infra-scale compile --check" in helped
    assert of_a_command.startswith("usage: kubectl infra-scale diff [OPTIONS] [BASE] [PATH ...]\n")
    assert "\n  kubectl infra-scale diff HEAD" in of_a_command
    assert " infra-scale " not in of_a_command.replace("kubectl infra-scale ", "")


def test_an_unknown_command_of_the_plugin_is_answered_in_its_words(repository: Repository) -> None:
    done = repository.tool("kubectl", "infra-scale", "complie", code=2)

    assert "did you mean `kubectl infra-scale compile`?" in done.stderr
