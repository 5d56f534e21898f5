"""A saved state as a JSON patch: the API has no strategic merge patch for custom resources, such as a Rollout."""

from infra_scale.model.step import Field, Item


def json_patch_template(fields: tuple[Field, ...]) -> str:
    """A Go template that prints a JSON patch, as YAML, which restores requests or limits of containers.

    Each block is restored as a whole, in the container of that name; the patch is refused if another has its place.
    """
    at = next(index for index, key in enumerate(fields[0]) if isinstance(key, Item))
    item = fields[0][at]
    name = item.name if isinstance(item, Item) else None
    listed, pointer = ".".join(map(str, fields[0][:at])), "/".join(map(str, fields[0][:at]))
    place = f"/{pointer}/{{{{$i}}}}"
    blocks = dict.fromkeys(str(field[at + 2]) for field in fields)
    restored = ", ".join(
        f"{{{{if .resources.{block}}}}}{_added(f'{place}/resources/{block}', _amounts(block))}"
        f"{{{{else}}}}{_removed(f'{place}/resources/{block}')}{{{{end}}}}"
        for block in blocks
    )
    test = f"{{op: test, path: {place}/name, value: {{{{.name}}}}}}, "
    each = f"{test}{{{{if .resources}}}}{restored}{{{{else}}}}{_removed(f'{place}/resources')}{{{{end}}}}, "
    chosen = f'{{{{if eq .name "{name}"}}}}{each}{{{{end}}}}' if name else each
    return f"[{{{{range $i, $container := .{listed}}}}}{chosen}{{{{end}}}}]"


def _amounts(block: str) -> str:
    return f'{{ {{{{range $key, $amount := .resources.{block}}}}}"{{{{$key}}}}": "{{{{$amount}}}}", {{{{end}}}}}}'


def _added(path: str, value: str) -> str:
    return f"{{op: add, path: {path}, value: {value}}}"


def _removed(path: str) -> str:
    """Added first: a patch that removes what is not there is refused."""
    return f"{_added(path, '{}')}, {{op: remove, path: {path}}}"
