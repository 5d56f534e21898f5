"""How an autoscaler moves out of the manifests, so that our Component has the only one."""

from collections.abc import Collection

from infra_scale.core.manifests.facts import objects_among
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.outcome import Place
from infra_scale.core.manifests.provenance import located
from infra_scale.model.names import quoted


def how_to_delete(inventory: Inventory, place: Place, keeping: Collection[str]) -> str:
    """What to delete; `keeping` are the roots that would be without the autoscaler."""
    stream = inventory.read.stream(place.file)
    objects = list(objects_among(stream.documents)) if stream else []
    found = (inventory.builder.kustomization(folder).path for folder in inventory.outer.get(place.file, ()))
    namers = ", ".join(quoted(path, "its kustomization file") for path in found)
    if len(objects) == 1 and namers:
        step = f"delete {quoted(place.file, 'its file')} and its line in `resources` of {namers}"
    elif len(objects) == 1:
        step = f"delete {quoted(place.file, 'its file')}"
    else:
        step = f"delete it from {located(inventory.files, place)}"
    if keeping:
        others = ", ".join(quoted(root or ".", "another overlay") for root in sorted(keeping))
        step += f" ({others} {'build' if len(keeping) > 1 else 'builds'} it too: move it there)"
    return step
