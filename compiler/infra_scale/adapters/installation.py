"""Where the infra-scale that runs was installed from."""

import json
from importlib import metadata


def git_url() -> str | None:
    """The URL of the git repository that pip installed it from, or None where it came from elsewhere.

    pip leaves it behind in direct_url.json:
    https://packaging.python.org/en/latest/specifications/direct-url/
    """
    try:
        text = metadata.distribution("infra-scale").read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # run from a source tree
        return None
    origin = json.loads(text or "{}")
    if origin.get("vcs_info", {}).get("vcs") != "git":
        return None
    return str(origin["url"])
