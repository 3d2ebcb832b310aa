"""The brand file ``brand.toml``: how a client's reports look, and what stands at their foot."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from spm_lib.core.contrast import READABLE, contrast
from spm_lib.core.errors import WorkspaceError
from spm_lib.workspace.faults import Fault, nearest, refuse

LOGOS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
FONTS = (".ttf", ".otf")
LARGEST = 2_000_000
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class Brand(BaseModel):
    """A client's look. Files are paths that exist; texts are printed as they stand.

    ``colour`` is that of headings, rules and links. Colours of charts keep their meanings (won,
    lost, open), whatever the brand.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    colour: StrictStr = "#0072B2"
    logo: Path | None = None
    font: StrictStr | None = None
    regular: Path | None = None
    bold: Path | None = None
    footer: StrictStr = ""
    confidentiality: StrictStr = ""
    template: Path | None = None

    @property
    def logo_type(self) -> str:
        """The media type of the logo; empty without one."""
        return LOGOS[self.logo.suffix.lower()] if self.logo else ""


def load_brand(path: str | Path) -> Brand:
    """Return the brand of a file; the house's own look where there is no file.

    Raises
    ------
    WorkspaceError
        If the file says anything that cannot be, names files that are not there, or asks for a
        colour that cannot be read on white: all faults at once.

    Examples
    --------
    >>> load_brand("nowhere/brand.toml").colour
    '#0072B2'
    """
    file = Path(path)
    if not file.is_file():
        return Brand()
    content = _content(file)
    given: dict[str, Any] = dict(content.get("brand", {}))
    faults = [
        Fault(
            f"[{key}]" if isinstance(content[key], dict) else key,
            "there is no such section",
            "Write everything under [brand]",
        )
        for key in content
        if key != "brand"
    ]
    faults += [
        Fault(f"[brand] {key}", "there is no such key", nearest(key, Brand.model_fields))
        for key in given
        if key not in Brand.model_fields
    ]
    known = {key: value for key, value in given.items() if key in Brand.model_fields}
    for key in ("logo", "regular", "bold", "template"):
        if isinstance(known.get(key), str):
            known[key] = file.parent / known[key]
    try:
        brand = Brand.model_validate(known)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            place = f"[brand] {found['loc'][0]}"
            faults.append(Fault(place, f"found {found['input']!r}", "Write text in double quotes"))
        raise refuse(file, faults) from None
    faults += [fault for check in _CHECKS for fault in check(brand)]
    if faults:
        raise refuse(file, faults)
    return brand


def readable_shade(colour: str) -> str:
    """Return the nearest darker shade of a colour that can be read on white.

    Examples
    --------
    >>> readable_shade("#000000"), contrast(readable_shade("#FFCC00")) >= READABLE
    ('#000000', True)
    """
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    shades = ("#" + "".join(f"{p * step // 100:02X}" for p in parts) for step in range(100, -1, -1))
    return next(shade for shade in shades if contrast(shade) >= READABLE)


def _content(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkspaceError(
            f"{file.name} cannot be read as TOML.",
            found=str(error),
            do="Correct that line; text goes in double quotes",
        ) from None


def _colour_faults(brand: Brand) -> list[Fault]:
    place = "[brand] colour"
    if not _COLOUR.fullmatch(brand.colour):
        return [Fault(place, f"found '{brand.colour}'", 'Write six hexadecimal digits: "#0B5D3B"')]
    ratio = contrast(brand.colour)
    if ratio >= READABLE:
        return []
    found = f"{brand.colour} on white has a contrast of {ratio:.1f} to 1, under {READABLE} to 1"
    return [Fault(place, found, f'Write a darker one, such as "{readable_shade(brand.colour)}"')]


def _file_faults(brand: Brand) -> list[Fault]:
    allowed = {
        "logo": tuple(LOGOS),
        "regular": FONTS,
        "bold": FONTS,
        "template": (".pptx",),
    }
    faults = []
    for key, suffixes in allowed.items():
        path: Path | None = getattr(brand, key)
        if path is None:
            continue
        place = f"[brand] {key}"
        if path.suffix.lower() not in suffixes:
            faults.append(Fault(place, f"found '{path.name}'", f"Use {', '.join(suffixes)}"))
        elif not path.is_file():
            found = f"there is no file {path}"
            faults.append(Fault(place, found, "Name a file beside brand.toml"))
        elif key == "logo" and path.stat().st_size > LARGEST:
            found = f"the file has {path.stat().st_size:,} bytes"
            faults.append(Fault(place, found, f"Use a picture under {LARGEST:,} bytes"))
    return faults


def _font_faults(brand: Brand) -> list[Fault]:
    named = [key for key in ("font", "regular", "bold") if getattr(brand, key) is not None]
    if len(named) in (0, 3):
        return []
    missing = [key for key in ("font", "regular", "bold") if key not in named]
    do = f"Add {' and '.join(missing)}: a font needs its name and both of its files"
    return [Fault("[brand] font", f"only {' and '.join(named)} is given", do)]


_CHECKS: tuple[Callable[[Brand], list[Fault]], ...] = (_colour_faults, _file_faults, _font_faults)
