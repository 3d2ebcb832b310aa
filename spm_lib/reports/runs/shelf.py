"""The shelf: where report notebooks lie, and how a name finds one."""

from __future__ import annotations

import difflib
from pathlib import Path

from spm_lib.core.errors import ReportError

SHELF = Path(__file__).resolve().parents[3] / "notebooks" / "reports"


def report_names() -> list[str]:
    """Return the names of the report notebooks that come with the library.

    Examples
    --------
    >>> "funnel" in report_names()
    True
    """
    return sorted(path.stem for path in SHELF.glob("*.ipynb"))


def find_notebook(name: str, *, client: Path | None = None) -> Path:
    """Return the notebook of a name: a path, a page of the client's own, or one of the shelf.

    Parameters
    ----------
    name
        A path that ends in ``.ipynb``, or a report's name.
    client
        The client's folder; pages in its ``notebooks`` folder come before those of the shelf.

    Raises
    ------
    ReportError
        If there is none; the names that there are are listed.
    """
    if name.endswith(".ipynb"):
        path = Path(name)
        if path.is_file():
            return path.resolve()
        raise ReportError("There is no such notebook.", found=str(path), do="Check the path")
    own = {p.stem: p for p in sorted((client / "notebooks").glob("*.ipynb"))} if client else {}
    known = {**{n: SHELF / f"{n}.ipynb" for n in report_names()}, **own}
    if name in known:
        return known[name].resolve()
    near = difflib.get_close_matches(name, known, n=1)
    raise ReportError(
        f"There is no report '{name}'.",
        found=f"reports: {', '.join(known) or f'none in {SHELF}'}",
        do=f"Write '{near[0]}'" if near else "Name one of them, or give a notebook (my.ipynb)",
    )
