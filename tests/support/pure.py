"""Files in memory, compiled as the tests need it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import yaml

from infra_scale.adapters.states.memory import Memory
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context, Facts
from infra_scale.core.schema.catalogue import PRICES, REQUEST, SNAPSHOT, TARGET, Schemas
from infra_scale.model.source import Found, Source
from infra_scale.usecases.compile import compile_state
from support.repository import CHECKOUT

SCHEMAS = Schemas(
    *((CHECKOUT / "schemas" / name).read_text(encoding="utf-8") for name in (REQUEST, TARGET, SNAPSHOT, PRICES))
)
NOW = "2026-01-01T00:00:00.000Z"
TODAY = date(2026, 1, 1)

_OTHER = "kind: ConfigMap\nmetadata: {name: other}\n"
"""A manifest that knows none of the workloads."""


def compile(
    found: Sequence[Found], context: Context, facts: Facts | None = None, *, generated: Iterable[Found] = ()
) -> Compilation:
    """Compile files in memory, and compare them with generated files."""
    state = Memory((*found, *context.targets, *context.manifests))
    return compile_state(CHECKOUT, state, context, facts, generated=Memory(generated))


def source(content: str | bytes, path: str = "requests/web.yaml") -> Source:
    """A file with this content."""
    encoded = content.encode() if isinstance(content, str) else content
    return Source(path, encoded, len(encoded))


def facts(clusters: Mapping[str, str] | None = None, *, now: str = NOW, as_of: str | None = None) -> Facts:
    """What is shown beside plans is worked out from; `clusters` are the files of ops/clusters/ by their path in it."""
    found = (source(text, f"ops/clusters/{path}") for path, text in (clusters or {}).items())
    return Facts(
        datetime.fromisoformat(now).date(), tuple(found), SCHEMAS, datetime.fromisoformat(as_of) if as_of else None
    )


def compile_one(
    content: str | bytes,
    *,
    now: str = NOW,
    manifest: str = "",
    clusters: Mapping[str, str] | None = None,
    as_of: str | None = None,
    **targets: str,
) -> Compilation:
    """Compile one request, with targets only where some are given; `manifest` lies in apps/.

    `clusters` are the files of ops/clusters/ by their path in it, judged at the moment `as_of`.
    """
    context = Context(SCHEMAS)
    if targets:
        files = tuple(source(text, f"ops/targets/{name}.yaml") for name, text in targets.items())
        context = context._replace(targets=files)
    if manifest or any("manifests:" in text for text in targets.values()):
        context = context._replace(manifests=(source(manifest or _OTHER, "apps/web.yaml"),))
    return compile([source(content)], context, facts(clusters, now=now, as_of=as_of))


def compile_with_base(workload: str, *, base: int | None = None) -> Compilation:
    """Compile one workload, Deployment/web unless it says another kind, over a manifest with so many replicas."""
    kind = "" if "kind:" in workload else "kind: Deployment, "
    request = f"target: prod\nnamespace: shop\nworkloads: [{{{kind}name: web, {workload}}}]\n"
    replicas = "" if base is None else f"replicas: {base}, "
    template = "template: {spec: {containers: [{name: app}]}}"
    manifest = f"kind: Deployment\nmetadata: {{name: web}}\nspec: {{{replicas}{template}}}\n"
    context = Context(
        SCHEMAS,
        targets=(source("manifests: [apps]\n", "ops/targets/prod.yaml"),),
        manifests=(source(_OTHER if base is None else manifest, "apps/web.yaml"),),
    )
    return compile([source(request)], context, facts())


def rendered_patches(compilation: Compilation) -> list[dict[str, Any]]:
    """The patches that the rendered Components hold, parsed, in the order of their files."""
    components = (
        yaml.safe_load(content)
        for path, content in sorted(compilation.files.items())
        if path.startswith("ops/rendered/") and path.endswith("/kustomization.yaml")
    )
    return [yaml.safe_load(one["patch"]) for component in components for one in component.get("patches", ())]
