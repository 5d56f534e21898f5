"""The pure core over clusters, as the tests need it."""

from infra_scale.core.compiling.compilation import Compilation
from support.pure import compile_one
from support.snapshots import CAPTURED, snapshot

HERE = "clusters: [{name: prod-eu-1}]\n"
BOTH = "clusters: [{name: prod-eu-1}, {name: prod-eu-2}]\n"


def compile_in(
    *workloads: str, target: str = HERE, base: str = "", as_of: str = CAPTURED, **snapshots: str
) -> Compilation:
    """Workloads in clusters whose snapshots are given, `eu_1` for that of prod-eu-1; by default it has web.

    Each is Deployment/web unless it says another kind or name; `base` is a manifest.
    """
    written = ", ".join(
        f"{{{'' if 'kind:' in one else 'kind: Deployment, '}{'' if 'name:' in one else 'name: web, '}{one}}}"
        for one in workloads
    )
    known = snapshots or {"eu_1": snapshot()}
    return compile_one(
        f"target: prod\nnamespace: shop\nworkloads: [{written}]\n",
        manifest=base,
        clusters={f"prod-{name.replace('_', '-')}/snapshot.yaml": text for name, text in known.items()},
        as_of=as_of,
        prod=target + ("manifests: [apps]\n" if base else ""),
    )
