"""The state before a plan: commands that save it to files, and how commands that undo the plan read them.

A person runs them with a POSIX shell, in one folder. A value is printed as well as saved. Whatever is missing makes a
command fail: none falls back to a default.
"""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.core.planning.before import Before, Setting, settings_of
from infra_scale.core.planning.commands import kubectl, resource, show
from infra_scale.model.action import UpdateResources
from infra_scale.model.target import Target
from infra_scale.model.units import in_units
from infra_scale.model.workload import Cluster, WorkloadRef

_WITHOUT_VERSION = "sed -E '/^ {2}(resourceVersion|uid):/d'"
"""A version that was saved makes a later apply or replace a conflict (409): only metadata's own lines are dropped.

Counted, because a browser shows two spaces as one."""

_UNSET_IS_NULL = "sed 's/^$/null/'"
"""What a merge patch takes for a field that was not set."""


class Saving(NamedTuple):
    """The files of one plan in one cluster."""

    cluster: Cluster | None
    place: str
    """Part of every file name: two clusters of a target must not share a file."""

    @classmethod
    def of(cls, target: Target, cluster: Cluster | None) -> "Saving":
        """The files of a plan for a target."""
        elsewhere = cluster is not None and cluster.context != target.kube_context
        return cls(cluster, f"{target.name}.{cluster.name}" if cluster and elsewhere else target.name)

    def object_file(self, kind: str, ref: WorkloadRef) -> str:
        """The file of an autoscaler that has the name of its workload."""
        return f"previous-{kind}.{self.place}.{ref.namespace}.{ref.name}.yaml"

    def save_object(self, kind: str, what: str, ref: WorkloadRef) -> str:
        """Save an autoscaler; the file is empty where there is none."""
        got = f"{kubectl(self.cluster)} get {what} {ref.name} -n {ref.namespace} --ignore-not-found -o yaml"
        return f"{got} | {_WITHOUT_VERSION} > {self.object_file(kind, ref)}"

    def save_value(self, ref: WorkloadRef, path: tuple[str, ...]) -> str:
        """Save and print one value of a workload."""
        shown = "".join(f".{key}" for key in path)
        file = self._file(path[-1], ref, "txt")
        if "jobTemplate" in path and path[-1] == "parallelism":  # the API sets defaults of a Job, and not of a template
            command = (
                f"{kubectl(self.cluster)} get {resource(ref)} -n {ref.namespace} -o jsonpath='{{{shown}}}{{\"\\n\"}}'"
            )
            return f"{command} | {_UNSET_IS_NULL} | tee {file}"
        return f"{show(self.cluster, ref, shown)} | tee {file}"

    def value(self, ref: WorkloadRef, key: str) -> str:
        """A value that was saved, or that of the variable `detect`, as a shell puts it into a command.

        Nothing at all would be null to a patch, and so a default: a word makes kubectl or the API refuse it.
        """
        return f"${{detect:-$(grep . {self._file(key, ref, 'txt')} || echo unknown)}}"

    def save_resources(self, action: UpdateResources) -> str:
        """Save the amounts that an action changes as the patch that puts them back; null removes one."""
        ref, settings = action.ref, tuple(settings_of(None, None, action))
        pod = "".join(f".{key}" for key in _pod_path(ref))
        before = (
            f"resources: {_blocks((one, _LIVE.format(block=one.block, resource=one.resource)) for one in settings)}"
        )
        field = _list(action)
        if action.container:
            patch = _patch(ref, f"{field}: [{{name: {action.container}, {before}}}]")
            template = (
                f'{{{{range {pod}.{field}}}}}{{{{if eq .name "{action.container}"}}}}{patch}{{{{end}}}}{{{{end}}}}'
            )
        else:
            each = f"{{{{range {pod}.{field}}}}}{{name: {{{{.name}}}}, {before}}}, {{{{end}}}}"
            template = _patch(ref, f"{field}: [{each}]")
        got = f"{kubectl(self.cluster)} get {resource(ref)} -n {ref.namespace} -o go-template='{template}'"
        return f"{got} | tee {self._file('resources', ref, 'yaml')}"

    def restore_resources(self, ref: WorkloadRef) -> str:
        """Put the saved amounts back."""
        file = self._file("resources", ref, "yaml")
        return f"{kubectl(self.cluster)} patch {resource(ref)} -n {ref.namespace} --patch-file {file}"

    def restore_known(self, action: UpdateResources, before: Before) -> str:
        """The same without a file: the amounts that a snapshot or manifest shows, else a way to find them."""
        ref, settings = action.ref, before.settings(action)
        if settings is not None and action.container:
            amounts = ((one, _exact(one)) for one in settings)
            container = f"{{name: {action.container}, resources: {_blocks(amounts)}}}"
            patch = _patch(ref, f"{_list(action)}: [{container}]")
            command = f"{kubectl(self.cluster)} patch {resource(ref)} -n {ref.namespace} -p '{patch}'"
            shown = "the snapshot shows" if before.live else "its manifest has"
            return f"# without that file, back to what {shown}: {command}"
        if ref.kind in _WITH_REVISIONS:
            found = "the amounts are unknown, revisions have them, and --revision=N shows one"
            command = f"{kubectl(self.cluster)} rollout history {resource(ref)} -n {ref.namespace}"
            return f"# without that file, {found}: {command}"
        return "# without that file, the amounts are unknown"

    def _file(self, what: str, ref: WorkloadRef, suffix: str) -> str:
        return f"previous-{what}.{self.place}.{ref.namespace}.{ref.kind.lower()}.{ref.name}.{suffix}"


_WITH_REVISIONS = ("Deployment", "StatefulSet", "DaemonSet")
"""The API keeps the templates that they had before."""

_LIVE = '{{{{with .resources.{block}.{resource}}}}}"{{{{.}}}}"{{{{else}}}}null{{{{end}}}}'
"""One amount of the container at the cursor of a Go template."""


def _exact(setting: Setting) -> str:
    return "null" if setting.amount is None else f'"{in_units(setting.resource, setting.amount)}"'


def _pod_path(ref: WorkloadRef) -> tuple[str, ...]:
    job = ("jobTemplate", "spec") if ref.kind == "CronJob" else ()
    return ("spec", *job, "template", "spec")


def _list(action: UpdateResources) -> str:
    return "initContainers" if action.is_init else "containers"


def _blocks(amounts: Iterable[tuple[Setting, str]]) -> str:
    """Requests and limits as YAML on one line."""
    blocks: dict[str, list[str]] = {}
    for setting, text in amounts:
        blocks.setdefault(setting.block, []).append(f"{setting.resource}: {text}")
    return "{" + ", ".join(f"{block}: {{{', '.join(items)}}}" for block, items in blocks.items()) + "}"


def _patch(ref: WorkloadRef, inner: str) -> str:
    """A strategic merge patch of a pod template, as YAML on one line."""
    first, *rest = _pod_path(ref)
    return f"{first}: " + "".join(f"{{{key}: " for key in rest) + f"{{{inner}}}" + "}" * len(rest)
