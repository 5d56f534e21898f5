"""The effects of a plan on pods; equal ones of several clusters are listed once."""

from typing import NamedTuple

from infra_scale.model.plan import ScalePlan


class Happening(NamedTuple):
    """The effect on one workload, and the clusters with the same effect."""

    namespace: str
    workload: str
    """Kind/name, and the contexts if they differ from the plan's."""
    what: str

    @property
    def line(self) -> str:
        """The text on one line."""
        return f"{self.workload}: {self.what}"


def happenings(plan: ScalePlan) -> list[Happening]:
    """Group equal effects of several clusters."""
    contexts: dict[tuple[str, str, str], list[str]] = {}
    for one in plan.consequences:
        key = (one.ref.namespace, str(one.ref), one.what)
        contexts.setdefault(key, []).extend([one.cluster.context] if one.cluster else [])
    return [
        Happening(namespace, f"{ref}{_elsewhere(names, plan)}", what)
        for (namespace, ref, what), names in contexts.items()
    ]


def _elsewhere(names: list[str], plan: ScalePlan) -> str:
    usual = [plan.kube_context] if plan.kube_context else []
    return "" if names in ([], usual) else f" in {', '.join(names)}"
