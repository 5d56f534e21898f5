"""Every reader of files that others write, with the inputs that it gets and what is checked of it."""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from fuzz import checks, differential, repositories
from fuzz.inputs import Make, documents, either, mutations, samples, words
from infra_scale.core.schema.catalogue import NIGHTLY, PLAN, PRICES, REQUEST, SNAPSHOT, TARGET

Check = Callable[[Sequence[bytes]], int]
"""Raises what must not be; else how many of the inputs were accepted."""


class Loader(NamedTuple):
    """One reader."""

    name: str
    share: float
    """Of all inputs."""
    make: Make
    check: Check
    batch: int = 1
    """How many inputs are checked at once."""


def one(check: Callable[[bytes], bool]) -> Check:
    """The check of one input, as that of several."""
    return lambda contents: sum(map(check, contents))


_YAML = words("yaml")
_EXPRESSIONS = (
    b"actions.exists(a, has(a.to) && a.to > 50)",
    b"metadata.target == 'prod' && !has(metadata.ticket)",
    b"actions.filter(a, a.action == 'scale_workload').size() > 3",
    b"risks.exists(r, r.contains('High')) || size(notes) > 2",
    b"plan.actions.all(a, a.namespace in ['shop', 'default'])",
    b"has(metadata.reason) ? metadata.reason.matches('^[A-Z]') : false",
)
_QUANTITIES = (b"500m", b"1Gi", b"0.5", b"1e3", b"12Ei")
_MANIFESTS = ("examples/**/*.yaml", "ops/rendered/**/*.yaml", "tests/cases/**/apps/**/*.yaml", "tests/cases/**/*.yaml")

LOADERS: tuple[Loader, ...] = (
    Loader(
        "request",
        0.2,
        either(
            mutations(samples("requests/**/*.yaml", "tests/cases/*/*/requests/**/*.yaml"), _YAML),
            documents(checks.schema(REQUEST)),
        ),
        one(checks.request),
    ),
    Loader(
        "target",
        0.12,
        either(
            mutations(samples("ops/targets/*.yaml", "tests/cases/*/*/ops/targets/*.yaml"), _YAML),
            documents(checks.schema(TARGET)),
        ),
        one(checks.target),
    ),
    Loader(
        "snapshot",
        0.06,
        either(
            mutations(samples("ops/clusters/*/snapshot.yaml", "tests/data/cluster-snapshot.yaml"), _YAML),
            documents(checks.schema(SNAPSHOT)),
        ),
        one(checks.snapshot),
    ),
    Loader(
        "prices",
        0.1,
        either(mutations(samples("ops/clusters/*/prices.yaml"), _YAML), documents(checks.schema(PRICES))),
        one(checks.prices),
    ),
    Loader(
        "nightly",
        0.1,
        either(mutations(samples("ops/nightly.yaml"), _YAML), documents(checks.schema(NIGHTLY))),
        one(checks.nightly),
    ),
    Loader(
        "plan",
        0.06,
        either(
            mutations(samples("ops/plans/**/plan.yaml", "tests/cases/**/plan.yaml"), _YAML),
            documents(checks.schema(PLAN)),
        ),
        one(checks.plan),
    ),
    Loader("manifest", 0.14, mutations(samples(*_MANIFESTS), _YAML), one(checks.manifest)),
    Loader(
        "kustomization",
        0.04,
        mutations(repositories.samples(), words("yaml", "kustomize")),
        one(checks.kustomization),
    ),
    Loader("own rule", 0.02, mutations(_EXPRESSIONS, words("cel")), one(checks.own)),
    Loader(
        "quantity", 0.06, mutations((b"500m", b"1Gi", b"0.5", b"1e3", b"12Ei"), words("quantity")), one(checks.quantity)
    ),
    Loader("flags", 0.04, mutations(repositories.FLAGS, words("flags")), one(checks.flags)),
    Loader("index and tree", 0.02, repositories.paths, repositories.index_and_tree, batch=200),
    Loader("compile", 0.01, repositories.buffers, repositories.properties),
    Loader("other readers", 0.02, differential.requests, one(differential.other_readers)),
    Loader("kustomize", 0.01, differential.fragments, differential.kustomize, batch=50),
)


def named(name: str) -> Loader:
    """The loader with this name."""
    return next(loader for loader in LOADERS if loader.name == name)


def next_input(loader: Loader, seed: int, index: int) -> bytes:
    """The input with this number: the same whenever it is asked for."""
    return loader.make(Random(f"{seed}:{loader.name}:{index}"))
