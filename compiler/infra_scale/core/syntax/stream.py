"""The YAML of other people's manifests: several documents, aliases and all, read for what is looked for and no more.

Every scalar stays the text that was written. Aliases are shared and not copied, so a small file stays small.
"""

import yaml

from infra_scale.model.source import Source

_LOADER: type[yaml.BaseLoader] | type[yaml.CBaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def documents(source: Source) -> tuple[tuple[object, ...], str]:
    """The documents of a file, and what is wrong with it; then nothing was read."""
    if len(source.content) < source.size:
        return (), f"it has {source.size} bytes"
    try:
        return tuple(yaml.load_all(source.content, Loader=_LOADER)), ""
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return (), f"{error.problem or 'no YAML'}{line}"
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return (), type(error).__name__
