"""The closed union of steps: what saves the state before a plan, what undoes the plan, what hands a workload over.

Each is about one object in one cluster; None: the cluster that kubectl has as its current one.
"""

from typing import NamedTuple

from infra_scale.model.action import AUTOSCALER_KINDS, Autoscaler, AutoscalerKind
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import KINDS, Cluster, Kind, WorkloadRef

ObjectKind = Kind | AutoscalerKind
OBJECT_KINDS: tuple[ObjectKind, ...] = (*KINDS, *AUTOSCALER_KINDS.values())


class ObjectRef(NamedTuple):
    """One object of one namespace."""

    kind: ObjectKind
    namespace: str
    name: str


class Item(NamedTuple):
    """An item of a list of containers, by its name; None: each item."""

    name: str | None


Field = tuple[str | Item, ...]
"""The way from the root of an object to one of its values: ("spec", "replicas")."""


@tagged
class Saved(NamedTuple):
    """What a Save step keeps: the values of some fields, or the whole object."""

    object: ObjectRef
    fields: tuple[Field, ...] = ()


@tagged
class Live(NamedTuple):
    """The value that a field has when the step is done."""

    object: ObjectRef
    field: Field


class FieldValue(NamedTuple):
    """What a patch sets a field to; None removes it."""

    field: Field
    to: bool | int | str | Saved | Live | None


@tagged
class Manual(NamedTuple):
    """What a person decides: a text, and the command that it is about, if there is one."""

    text: str
    command: "Step | str" = ""


@tagged
class Scale(NamedTuple):
    """Set the replicas through the scale subresource."""

    object: ObjectRef
    to: int | Saved
    before: int | None = None
    """Only if as many are set now; None: whatever is set."""
    cluster: Cluster | None = None


@tagged
class Patch(NamedTuple):
    """Set fields of an object."""

    object: ObjectRef
    values: tuple[FieldValue, ...]
    cluster: Cluster | None = None


@tagged
class Create(NamedTuple):
    """Create a saved object that was deleted."""

    saved: Saved
    cluster: Cluster | None = None


@tagged
class Delete(NamedTuple):
    """Delete an object."""

    object: ObjectRef
    may_be_gone: bool = False
    waits_for_dependents: bool = False
    """Whether the objects that it owns go first."""
    cluster: Cluster | None = None


@tagged
class Restore(NamedTuple):
    """Put saved fields back, or a saved object."""

    saved: Saved
    absent: Delete | None = None
    """For a whole object: the action if it did not exist when it was saved."""
    cluster: Cluster | None = None


@tagged
class Save(NamedTuple):
    """Save the state that a later step restores."""

    saved: Saved
    cluster: Cluster | None = None


@tagged
class Wait(NamedTuple):
    """Wait until an object has a condition."""

    object: ObjectRef
    condition: str
    minutes: int
    cluster: Cluster | None = None


Step = Scale | Patch | Create | Delete | Restore | Save | Wait | Manual


def workload_object(ref: WorkloadRef) -> ObjectRef:
    """A workload as an object of a step."""
    return ObjectRef(*ref)


def scaler(autoscaler: Autoscaler, ref: WorkloadRef) -> ObjectRef:
    """The autoscaler with the name of its workload."""
    return ObjectRef(AUTOSCALER_KINDS[autoscaler], ref.namespace, ref.name)
