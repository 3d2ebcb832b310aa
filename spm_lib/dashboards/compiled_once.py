"""Templates that are compiled once per server: Voila itself compiles all of them for every page."""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from voila import notebook_renderer
from voila.exporter import VoilaExporter


class InMemory(BytecodeCache):
    """Compiled templates of this process, by name and content."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what was compiled before."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled just now."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = InMemory()


class Exporter(VoilaExporter):
    """Voila's exporter with compiled templates shared by all pages."""

    def _create_environment(self) -> Environment:
        environment: Any = super()._create_environment()
        environment.bytecode_cache = COMPILED
        return environment


def compile_once() -> None:
    """Let this process compile each template once."""
    notebook_renderer.VoilaExporter = Exporter
