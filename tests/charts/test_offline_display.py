"""What a chart shows in a notebook loads nothing from the network."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHOWN = """
import polars as pl
from spm_lib.charts import lost_reasons_chart
from spm_lib.core.language import language
frame = pl.DataFrame({"lost_reason": ["Price"], "value": [12]})
chart = lost_reasons_chart(frame, language=language("en"), title="Price loses")
bundle = chart._repr_mimebundle_(None, None)
print(sorted(bundle), "http" in str(bundle).replace("http://www.w3.org", ""))
"""


@pytest.mark.slow
def test_a_chart_is_shown_as_a_picture_without_addresses() -> None:
    done = subprocess.run([sys.executable, "-c", SHOWN], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['image/svg+xml'] False"


@pytest.mark.slow
def test_the_analysts_own_renderer_stays() -> None:
    made, _ = SHOWN.split("bundle = ")
    code = f"import altair as alt; alt.renderers.enable('json')\n{made}print(alt.renderers.active)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "json"
