"""Reports: a notebook and its parameters come in; a page, its figures and its manifest go out.

The calls of a notebook return blocks; the exporter reads them out of the executed notebook into a
``Document``, from which every format is drawn. The only room that knows papermill and nbformat.
May import everything but ``dashboards`` and ``cli``.
"""

from spm_lib.reports.blocks import Chart, Sentence, Table, Text, Tiles, read_block
from spm_lib.reports.document import Document, build_document

__all__ = [
    "Chart",
    "Document",
    "Sentence",
    "Table",
    "Text",
    "Tiles",
    "build_document",
    "read_block",
]
