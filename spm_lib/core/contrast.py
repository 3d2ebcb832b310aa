"""Whether a colour can be read on another: their contrast, and the ink for a ground."""

from __future__ import annotations

READABLE = 4.5


def contrast(colour: str, ground: str = "#FFFFFF") -> float:
    """Return the contrast ratio of two colours, 1 to 21.

    Source: W3C, Web Content Accessibility Guidelines 2.2, definition of contrast ratio.

    Examples
    --------
    >>> round(contrast("#000000"), 1), round(contrast("#FFFFFF"), 1), round(contrast("#777777"), 2)
    (21.0, 1.0, 4.48)
    """
    light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def ink_on(ground: str, *, dark: str) -> str:
    """Return the ink that can be read on a ground: white or dark, or black where neither can.

    Examples
    --------
    >>> ink_on("#0072B2", dark="#1F2933"), ink_on("#D3E3EE", dark="#1F2933")
    ('#FFFFFF', '#1F2933')
    >>> ink_on("#5F8AA7", dark="#1F2933")
    '#000000'
    """
    fit = (ink for ink in (dark, "#FFFFFF") if contrast(ink, ground) >= READABLE)
    return next(fit, "#000000")
