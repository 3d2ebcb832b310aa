"""Which threads forbid a fork: those that stay and are not known as harmless."""

from __future__ import annotations

import subprocess
import sys

import pytest

from spm_lib.kernels import forking

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux names threads")
BEGUN = """
import ctypes, threading, time
from spm_lib.kernels.forking import lasting_threads
done = threading.Event()
def waits():
    time.sleep({named_after})
    ctypes.CDLL(None).prctl(15, b"{name}")
    done.wait()
threading.Thread(target=waits, daemon=True).start()
print(lasting_threads())
done.set()
"""


@pytest.mark.parametrize(
    ("name", "named_after", "told"),
    [("jemalloc_bg_thd", 0.03, "[]"), ("polars-0", 0.03, "['polars-0']")],
)
def test_a_thread_is_judged_by_the_name_that_it_takes(name, named_after, told):
    code = BEGUN.format(name=name, named_after=named_after)
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == told


def test_a_thread_that_ends_while_it_is_looked_at_forbids_nothing(tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()  # its name went with it
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "comm").write_text("polars-ooc-clea\n")
    monkeypatch.setattr(forking, "_TASKS", tmp_path)
    assert forking.thread_names() == ["polars-ooc-clea"]
    assert forking.lasting_threads() == []
