"""A job for a process of its own: a function to call, or a kernel to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

GIB = 1024**3
DEFAULT_MEMORY = 4 * GIB


@dataclass(frozen=True)
class Job:
    """What a child is to do, and within which bounds.

    Parameters
    ----------
    function
        ``"module:function"`` to call; empty for a kernel.
    arguments
        Keyword arguments of the function, plain JSON.
    kernel
        Command-line arguments of a Jupyter kernel; empty for a call.
    environment
        The whole environment of the child.
    folder
        Its working folder.
    memory
        Bytes of memory it may hold; None: no limit.
    timeout
        Seconds after which it is killed; None: no limit.
    answer
        File that takes the function's value or the error's text.

    Examples
    --------
    >>> Job.read(Job("math:floor", {"x": 1}).to_dict()) == Job("math:floor", {"x": 1})
    True
    """

    function: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kernel: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    memory: int | None = DEFAULT_MEMORY
    timeout: float | None = None
    answer: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the job as plain JSON."""
        return asdict(self)

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> Job:
        """Return the job that ``to_dict`` described."""
        return cls(**{**message, "kernel": tuple(message["kernel"])})
