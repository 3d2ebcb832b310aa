"""The same page is the same bytes: twice in one process, with other hash seeds and more threads."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spm_lib.reports import FunnelPage, RepsPage, build_document
from spm_lib.reports.html.render import render_document

ROOT = Path(__file__).resolve().parents[2]
PARTS = {FunnelPage: ("cover", "funnel", "months_won_and_lost", "teams"), RepsPage: ("rates",)}
CODE = """
from spm_lib.reports import FunnelPage, RepsPage, build_document
from spm_lib.reports.html.render import render_document
import hashlib
for kind, parts in ((FunnelPage, {funnel}), (RepsPage, {reps})):
    page = kind({workspace!r}, language="he")
    blocks = [getattr(page, part)() for part in parts]
    text = render_document(build_document(blocks, title="page"))
    print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.slow
def test_a_page_is_the_same_bytes_in_every_process(small_client: Path) -> None:
    own = []
    for kind, parts in PARTS.items():
        page = kind(str(small_client), language="he")
        blocks = [getattr(page, part)() for part in parts]
        document = build_document(blocks, title="page")
        texts = {render_document(document), render_document(document)}
        texts.add(render_document(build_document(blocks, title="page")))
        assert len(texts) == 1
        (text,) = texts
        assert text.count("<svg") >= 1
        own.append(hashlib.sha256(text.encode()).hexdigest())
    code = CODE.format(funnel=PARTS[FunnelPage], reps=PARTS[RepsPage], workspace=str(small_client))
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": seed},
        )
        assert told.stdout.split() == own
