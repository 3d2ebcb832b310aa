"""Kernels behind the gate: each belongs to one viewer, is told its rows, ends with the grant."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError

from spm_lib.dashboards.gate.guard import Guard, Owner
from spm_lib.dashboards.told import VISIT

MOST_OF_ONE = 12  # pages that one viewer may have open at a time


class GatedKernels(AsyncMappingKernelManager):
    """Starts kernels for admitted visits only, and remembers whose they are."""

    guard: Guard

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._last_seen: dict[str, Any] = {}

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Start the kernel of the visit that is being answered; its environment is ours."""
        visit = VISIT.get()
        grant = visit and self.guard.gatekeeper.grant_of(visit.viewer)
        if visit is None or grant is None:
            raise HTTPError(403, reason="No visit")
        own = [one for one, owner in self.guard.owners.items() if owner.viewer == visit.viewer]
        if len(own) >= MOST_OF_ONE:
            await self.end(own[0])
        environment = {**(options.pop("env", None) or {}), **visit.environment()}
        kernel_id = await super().start_kernel(env=environment, **options)
        self.guard.owners[kernel_id] = Owner(visit.key, visit.viewer, grant)
        return kernel_id

    async def end(self, kernel_id: str) -> None:
        """End a kernel, if it is still there."""
        self.guard.owners.pop(kernel_id, None)
        self._last_seen.pop(kernel_id, None)
        if kernel_id in self:
            await ensure_async(self.shutdown_kernel(kernel_id, now=True))

    async def end_all_of(self, key: str) -> None:
        """End the kernels of a session."""
        for kernel_id in [k for k, owner in self.guard.owners.items() if owner.key == key]:
            await self.end(kernel_id)

    async def sweep(self) -> None:
        """End the kernels of sessions that have ended and of grants that no longer hold."""
        for kernel_id, owner in list(self.guard.owners.items()):
            if kernel_id not in self:
                self.guard.owners.pop(kernel_id, None)
            elif not self._may_go_on(owner):
                await self.end(kernel_id)
            else:
                self._note_use(kernel_id, owner)

    def _note_use(self, kernel_id: str, owner: Owner) -> None:
        """Keep the session of a page that somebody works with."""
        last = getattr(self.get_kernel(kernel_id), "last_activity", None)
        if last != self._last_seen.get(kernel_id):
            self._last_seen[kernel_id] = last
            self.guard.gatekeeper.sessions.note_used(owner.key)

    def _may_go_on(self, owner: Owner) -> bool:
        keeper = self.guard.gatekeeper
        if keeper.grant_of(owner.viewer) != owner.grant:
            return False
        if owner.key.startswith("proxy:"):
            return True
        session = keeper.sessions.get(owner.key)
        return session is not None and keeper.still(session)
