"""The line between a page and its kernel: Voila's, mended where it fails or never ends."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler


class KernelLine(VoilaKernelWebsocketHandler):
    """A web socket of a page that may be left at once, and that may speak the older form."""

    connection: Any

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose the form of messages; none for a page that was left while the line was made."""
        found: str | None = super().select_subprotocol(subprotocols) if self.connection else None
        return found

    async def open(self, kernel_id: str) -> None:
        """Open the line, unless its page was left already."""
        if self.connection:
            await super().open(kernel_id)

    def on_message(self, ws_message: Any) -> None:
        """Tell the kernel what its page says."""
        if self.connection:
            super().on_message(ws_message)

    def on_close(self) -> None:
        """Let go of the kernel's channels."""
        if self.connection:
            super().on_close()

    def write_message(self, message: Any, binary: bool = False) -> Any:  # noqa: FBT001
        """Tell the page what its kernel says.

        Voila reads whatever is binary as the newer form, and counts for ever on the older one.
        """
        if isinstance(message, bytes) and self.selected_subprotocol is None:
            return KernelWebsocketHandler.write_message(self, message, binary)
        return super().write_message(message, binary)


def with_lines(handlers: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the handlers of a server with our line in the place of Voila's."""
    return [
        (path, KernelLine if kind is VoilaKernelWebsocketHandler else kind, *rest)
        for path, kind, *rest in handlers
    ]
