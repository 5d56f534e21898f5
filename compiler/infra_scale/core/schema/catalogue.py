"""The published JSON Schemas, as texts provided by an adapter."""

from typing import NamedTuple

REQUEST = "scale-request.schema.json"
TARGET = "target.schema.json"
PLAN = "scale-plan.schema.json"
NIGHTLY = "nightly.schema.json"
SNAPSHOT = "cluster-snapshot.schema.json"
PRICES = "price-sheet.schema.json"


class Schemas(NamedTuple):
    """The schemas of hand-written files."""

    request: str
    target: str
    snapshot: str = ""
    prices: str = ""
