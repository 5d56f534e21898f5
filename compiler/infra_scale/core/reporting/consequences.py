"""What a plan does to pods, once for what several clusters get alike."""

from typing import NamedTuple

from infra_scale.model.plan import ScalePlan


class Happening(NamedTuple):
    """What happens to one workload, and where that is the same."""

    namespace: str
    workload: str
    """Kind/name, and the contexts where they are not just the plan's own."""
    what: str

    @property
    def line(self) -> str:
        """It on one line."""
        return f"{self.workload}: {self.what}"


def happenings(plan: ScalePlan) -> list[Happening]:
    """What several clusters get alike is said once."""
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
