"""The first page finds its templates compiled, as every later one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import nbformat
import pytest
from voila.paths import collect_template_paths

from spm_lib.dashboards.compiled_once import COMPILED, Exporter, compile_ahead
from spm_lib.dashboards.serve import _add_template_path
from spm_lib.dashboards.served import TEMPLATE

pytestmark = pytest.mark.slow


async def _made(paths: list[str]) -> str:
    """Make a page of no cells as Voila does, without a kernel."""

    async def begun(*_: Any) -> str:
        return "0"

    async def cells(*_: Any) -> AsyncIterator[Any]:
        for cell in ():
            yield cell

    exporter: Any = Exporter(template_paths=paths, template_name=TEMPLATE)
    told = {"kernel_start": begun, "notebook_execute": begun, "cell_generator": cells}
    made = exporter.generate_from_notebook_node(
        nbformat.v4.new_notebook(),
        resources={"spm_early": [], "spm_css": "", "base_url": "/", "theme": "light"},
        extra_context={**told, "frontend": "voila", "main_js": "voila.js"},
        page_config={"baseUrl": "/"},
    )
    return "".join([part async for part, _ in made])


def test_a_page_compiles_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "")
    _add_template_path()
    paths = collect_template_paths(["voila", "nbconvert"], TEMPLATE)
    monkeypatch.setattr(COMPILED, "kept", {})
    compile_ahead(paths, TEMPLATE)
    before = dict(COMPILED.kept)
    page = asyncio.run(_made(paths))
    assert 'id="loading"' in page
    assert before
    assert COMPILED.kept == before
    monkeypatch.setattr(COMPILED, "kept", {})  # a page alone compiles some of them
    asyncio.run(_made(paths))
    assert set(COMPILED.kept) <= set(before)
    assert COMPILED.kept
