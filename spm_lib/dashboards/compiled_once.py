"""Templates that are compiled once per server: Voila itself compiles all of them for every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import BytecodeCache, Environment, meta
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
_LATE = ("highlight_code", "trusted")  # filters that the exporter knows with its notebook only


class Exporter(VoilaExporter):
    """Voila's exporter with compiled templates shared by all pages."""

    def _create_environment(self) -> Environment:
        environment: Any = super()._create_environment()
        environment.bytecode_cache = COMPILED
        return environment


def compile_once() -> None:
    """Let this process compile each template once."""
    notebook_renderer.VoilaExporter = Exporter


def compile_ahead(paths: Sequence[str], template: str) -> None:
    """Compile a page's templates before the first page asks for them.

    Parameters
    ----------
    paths
        Folders of templates, as Voila knows them.
    template
        The one that pages are made by; those that it names are compiled with it.
    """
    environment: Any = Exporter(template_paths=list(paths), template_name=template).environment
    for name in _LATE:
        environment.filters.setdefault(name, lambda given, **_: given)
    known, left = set(), ["index.html.j2"]
    while left:
        name = left.pop()
        known.add(name)
        environment.get_template(name)
        source, *_ = environment.loader.get_source(environment, name)
        told = meta.find_referenced_templates(environment.parse(source))
        left += sorted({one for one in told if one} - known - set(left))
