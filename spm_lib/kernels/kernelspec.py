"""The kernel ``spm`` as Jupyter finds it."""

from __future__ import annotations

import json
import os
from importlib.metadata import EntryPoint
from pathlib import Path

NAME = "spm"
PROVISIONER = "spm-fork"
SHARE = Path(__file__).parent / "share" / "jupyter"


def warm_list() -> list[str]:
    """Return what the kernel ``spm`` imports beside the libraries, as its specification says.

    Examples
    --------
    >>> [entry for entry in warm_list() if "dashboards" in entry]
    ['spm_lib.dashboards.warm_up:load']
    """
    told = (SHARE / "kernels" / NAME / "kernel.json").read_text(encoding="utf-8")
    return json.loads(told)["metadata"]["kernel_provisioner"]["config"]["warm"]


def offer_kernel() -> str:
    """Let this process, and those that it starts, find the kernel ``spm``; return its name.

    An installed library is found without this (its kernel lies in the environment's
    ``share/jupyter``); a checkout on PYTHONPATH is not. A kernel of that name in a folder that
    JUPYTER_PATH names already goes before ours.
    """
    from jupyter_client.provisioning.factory import KernelProvisionerFactory

    known = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    if str(SHARE) not in known:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([*known, str(SHARE)])
    factory = KernelProvisionerFactory.instance()
    ours = EntryPoint(
        name=PROVISIONER,
        value="spm_lib.kernels.provisioner:ForkProvisioner",
        group=factory.GROUP_NAME,
    )
    factory.provisioners.setdefault(PROVISIONER, ours)
    return NAME
