"""Currency signs as people write them beside amounts: whose they are, and which fit a currency."""

from __future__ import annotations

_SIGNS = {"€": "EUR", "£": "GBP", "₪": "ILS", "₽": "RUB", "₹": "INR"}
_WORDS = {"NIS": "ILS", 'ש"ח': "ILS", "ש״ח": "ILS", "שח": "ILS", "ש''ח": "ILS"}
_SHARED = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "TWD", "ARS", "CLP"),
    "¥": ("JPY", "CNY"),
}
UNIT = r"""(?P<unit>[$€£₪¥₽₹]|\p{L}{1,3}\$|[A-Za-z]{3}|ש["״]ח|ש''ח|שח)"""


def signs_of(currency: str) -> list[str]:
    """Return the code and the signs that an amount of a currency may carry, in capitals.

    Examples
    --------
    >>> signs_of("usd")
    ['USD', '$', 'US$', 'U$']
    """
    code = currency.upper()
    own = [sign for sign, of in {**_SIGNS, **_WORDS}.items() if of == code]
    own += [sign for sign, of in _SHARED.items() if code in of]
    if code in _SHARED["$"]:
        own += [f"{code[:2]}$", f"{code[0]}$"]
    return [code, *own]


def currency_of(sign: str) -> str | None:
    """Return the currency that a sign alone tells: of several that share it the most usual one.

    Examples
    --------
    >>> [currency_of(sign) for sign in ("€", "$", "CA$", "nis", "CHF", "%$")]
    ['EUR', 'USD', 'CAD', 'ILS', 'CHF', None]
    """
    text = sign.upper()
    if text in _SIGNS or text in _WORDS:
        return {**_SIGNS, **_WORDS}[text]
    shared = [code for codes in _SHARED.values() for code in codes if text in signs_of(code)]
    if shared:
        return shared[0]
    return text if len(text) == 3 and text.isascii() and text.isalpha() else None
