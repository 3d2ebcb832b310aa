"""How Jupyter starts the kernel ``spm``: forked from a warm server, else in the usual way."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from jupyter_client.connect import KernelConnectionInfo, port_names
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Float, Int, List, Unicode

from spm_lib.kernels.forked_process import ForkedProcess, NotForkedError
from spm_lib.kernels.job import Job
from spm_lib.kernels.shared import SharedServer
from spm_lib.kernels.warm import LIBRARIES

_MIB = 1024**2
_LONGEST, _LOOK = 2.0, 0.003  # seconds to wait until a kernel listens, and between two looks
_LAUNCHER = "ipykernel_launcher"


class ForkProvisioner(LocalProvisioner):
    """Launches kernels by forking; everything else is Jupyter's own.

    A forked kernel is held like a ``Popen``, so that the local provisioner polls, interrupts,
    signals and ends it as any other. Where no kernel can be forked, the local provisioner launches
    an ordinary one, and ``reason`` says why.
    """

    memory = Int(4096, help="MiB of memory that a kernel may hold; 0: no limit").tag(config=True)
    at_once = Int(64, help="The most kernels at a time").tag(config=True)
    idle = Float(600.0, help="Seconds without kernels after which the server ends").tag(config=True)
    patience = Float(60.0, help="Seconds to wait for the server").tag(config=True)
    warm = List(Unicode(), help="Modules to import beside the libraries").tag(config=True)
    forked = False
    reason = ""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, or launch an ordinary one."""
        self.forked, self.reason = False, ""
        try:
            self.process = await asyncio.to_thread(self._fork, cmd, kwargs)
        except NotForkedError as refused:
            if refused.full:
                raise RuntimeError(
                    f"{self.at_once} kernels run already, the most at once"
                ) from None
            self.reason = refused.reason
            self.log.warning("The kernel is an ordinary process: %s", refused.reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.forked = True
        self.pid = self.process.pid
        self.pgid = None  # the server signals the group: only it knows that the kernel still lives
        self.cwd = kwargs.get("cwd") or os.getcwd()  # noqa: PTH109
        return self.connection_info

    async def get_provisioner_info(self) -> dict[str, Any]:
        """Return what the local provisioner tells, and whether the kernel was forked."""
        told = await super().get_provisioner_info()
        return {**told, "forked": self.forked, "reason": self.reason}

    def _fork(self, cmd: list[str], options: Mapping[str, Any]) -> ForkedProcess:
        job = Job(
            kernel=_kernel_arguments(cmd),
            environment=options.get("env") or dict(os.environ),
            folder=os.path.abspath(options.get("cwd") or "."),  # noqa: PTH100
            memory=self.memory * _MIB or None,
        )
        if options.get("independent"):
            raise NotForkedError("an independent kernel outlives who started it")
        server = SharedServer.of(
            job.environment, warm=(*LIBRARIES, *self.warm), at_once=self.at_once, idle=self.idle
        )
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123
            out = _descriptor(options.get("stdout"), own=1, nothing=nothing.fileno())
            error = _descriptor(options.get("stderr"), own=2, nothing=nothing.fileno(), out=out)
            process = server.start(job, files=[out, error], patience=self.patience)
        _wait_for_doors(self.connection_info, process)
        return process


def _wait_for_doors(where: Mapping[str, Any], process: ForkedProcess) -> None:
    """Wait until a kernel listens at its files: who knocks too early knocks again only later."""
    if where.get("transport") != "ipc":
        return
    doors = [f"{where['ip']}-{where[port]}" for port in port_names]
    given_up = time.monotonic() + _LONGEST
    while not all(map(os.path.exists, doors)) and process.poll() is None:
        if time.monotonic() > given_up:  # the client waits on, and says so if it waits in vain
            return
        time.sleep(_LOOK)


def _kernel_arguments(command: list[str]) -> tuple[str, ...]:
    """Return the arguments of an ordinary kernel command."""
    if _LAUNCHER not in command:
        raise NotForkedError(f"{' '.join(command[:3])} is not the command of a Python kernel")
    return tuple(command[command.index(_LAUNCHER) + 1 :])


def _descriptor(asked: Any, *, own: int, nothing: int, out: int | None = None) -> int:
    """Return the descriptor that a Popen with this argument would give to its child."""
    if asked == subprocess.PIPE:
        raise NotForkedError("its output is asked for as a pipe")
    if asked == subprocess.STDOUT and out is not None:
        return out
    if asked == subprocess.DEVNULL:
        return nothing
    descriptor = own if asked is None else asked if isinstance(asked, int) else asked.fileno()
    try:
        os.fstat(descriptor)
    except OSError:
        return nothing
    return descriptor
