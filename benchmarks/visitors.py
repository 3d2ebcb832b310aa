"""Visitors of a served dashboard: how long each waits for its first chart.

Without a browser, a visitor does what Voila's own page does: it loads the page, connects to the
kernel, and asks for the widgets until a chart with rows is among them. With one, it waits until
Chromium has drawn a chart.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

_PATIENCE = 300
LOOKING = 120  # seconds after which somebody who sees no chart is taken to see none at all
_KERNEL = re.compile(r'"kernelId": ?"([0-9a-f-]{36})"')
_WIDGETS = "jupyter.widget.control"
_PROTOCOL = {"version": "1.0.0"}  # of the control of widgets
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def waits_without_browser(address: str, count: int) -> list[float]:
    """Return the seconds that each of ``count`` visitors at once waits for the rows of a chart."""

    async def all_of_them() -> list[float]:
        return list(await asyncio.gather(*(_wait(address) for _ in range(count))))

    return asyncio.run(all_of_them())


def waits_in_chromium(address: str, count: int, *, path: str) -> list[float]:
    """Return the seconds until each of ``count`` pages opened at once has drawn a chart.

    Infinite for a page that has drawn none in all the time that somebody looks.
    """
    return asyncio.run(_browse(address, count, path))


async def _wait(address: str) -> float:
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest
    from tornado.websocket import websocket_connect

    begun = time.perf_counter()
    client = AsyncHTTPClient(force_instance=True, defaults={"request_timeout": _PATIENCE})
    page = (await client.fetch(address)).body.decode()
    found = _KERNEL.search(page)
    assert found, page[-2000:]
    socket = f"{address.replace('http', 'ws')}api/kernels/{found[1]}/channels"
    connection = await websocket_connect(
        HTTPRequest(f"{socket}?session_id={uuid.uuid4().hex}"), max_message_size=100 * 1024**2
    )
    comm = uuid.uuid4().hex
    opening = {"comm_id": comm, "target_name": _WIDGETS, "data": {}}
    await connection.write_message(_message("comm_open", opening))
    asked = {"comm_id": comm, "data": {"method": "request_states"}}
    await connection.write_message(_message("comm_msg", asked))
    while not _has_chart(await connection.read_message(), comm):
        pass
    connection.close()
    return time.perf_counter() - begun


def _message(kind: str, content: Mapping[str, Any]) -> str:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "", "username": ""}
    told = {"header": {**header, "version": "5.3"}, "content": content, "channel": "shell"}
    return json.dumps({**told, "parent_header": {}, "metadata": _PROTOCOL, "buffers": []})


def _has_chart(received: str | bytes | None, comm: str) -> bool:
    from jupyter_server.services.kernels.connection.base import deserialize_binary_message

    assert received is not None, "the kernel's connection was closed"
    is_text = isinstance(received, str)
    message = json.loads(received) if is_text else deserialize_binary_message(received)
    content = message["content"]
    if content.get("comm_id") != comm or message["header"]["msg_type"] != "comm_msg":
        return False
    states = [widget["state"] for widget in content["data"]["states"].values()]
    charts = [state for state in states if state.get("spec") and state.get("rows")]
    assert len(charts) == 2, f"{len(charts)} charts in the page"
    return True


async def _browse(address: str, count: int, path: str) -> list[float]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", _OFFLINE]
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        pages = [await (await browser.new_context()).new_page() for _ in range(count)]
        waits = await asyncio.gather(*(_look(page, address) for page in pages))
        await browser.close()
    return list(waits)


async def _look(page: Any, address: str) -> float:
    from playwright.async_api import TimeoutError as NothingCame

    begun = time.perf_counter()
    try:
        await page.goto(address, timeout=LOOKING * 1000, wait_until="commit")
        await page.wait_for_selector(".spm-chart svg", timeout=LOOKING * 1000)
    except NothingCame:
        return float("inf")
    return time.perf_counter() - begun
