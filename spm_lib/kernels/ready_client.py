"""A client that waits for its kernel no longer than the kernel needs."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import KernelManager

_ANSWER, _ECHO = 1.0, 0.2  # seconds of silence after which is asked again, as by Jupyter's own


class ReadyClient(AsyncKernelClient):
    """Takes a kernel for ready as soon as its first answer is over.

    Jupyter's own client takes it for ready after a fifth of a second in which nothing came. A
    kernel says by itself that an answer is over (``idle``), and nothing of that answer follows.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, and all that its answer sets off is heard.

        Parameters
        ----------
        timeout
            Seconds; null: as long as the kernel lives.

        Raises
        ------
        RuntimeError
            If the kernel dies, or does not answer in time.
        """
        if not isinstance(self.parent, KernelManager):  # who it is told by its heart alone
            return await super().wait_for_ready(timeout)
        begun, patience = time.monotonic(), _ANSWER
        while not await self._has_answered(patience):
            if not await self.is_alive():
                raise RuntimeError("The kernel died before it answered")
            if timeout is not None and time.monotonic() - begun > timeout:
                raise RuntimeError(f"The kernel did not answer in {timeout:g} seconds")
            patience *= 2  # a machine may be so busy that each answer takes longer than that
        return None

    async def _has_answered(self, patience: float) -> bool:
        asked: str = self.kernel_info()
        try:
            reply = await self._recv_reply(asked, timeout=patience)
            while not _ends(await self.get_iopub_msg(timeout=_ECHO), asked):
                pass
        except (Empty, TimeoutError):  # not there yet, or nobody listened when it answered
            return False
        self._handle_kernel_info_reply(reply)
        return True


def _ends(message: dict[str, Any], asked: str) -> bool:
    """Say whether a message tells that the answer to a request is over."""
    over = message["content"].get("execution_state") == "idle"
    return over and message["parent_header"].get("msg_id") == asked
