"""A PDF that opens with a password only."""

from __future__ import annotations

import io

from spm_lib.core.errors import DeliveryError, MissingExtraError

SHORTEST, _LONGEST_BYTES = 8, 127  # the format cuts longer passwords in silence


def protect_pdf(content: bytes, *, password: str) -> bytes:
    """Return a PDF encrypted with AES-256 (revision 6) that opens with the password only.

    Parameters
    ----------
    content
        The bytes of a PDF.
    password
        At least 8 characters. It is not written anywhere, in the file neither.

    Returns
    -------
    bytes
        Other bytes on every call: the keys are drawn anew, as they must be.

    Raises
    ------
    DeliveryError
        If the password is too short or too long, or the bytes are no PDF.
    MissingExtraError
        If the part that writes PDF files is not installed.
    """
    check_password(password, name="The password")
    try:
        import cryptography  # noqa: F401 - pypdf would fall back to nothing
        from pypdf import PdfReader, PdfWriter
        from pypdf.errors import PyPdfError
    except ModuleNotFoundError:
        raise MissingExtraError.of("print", "A PDF with a password") from None
    try:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
        writer.pdf_header = "%PDF-2.0"  # which knows this encryption
        writer.encrypt(user_password=password, algorithm="AES-256")
        sink = io.BytesIO()
        writer.write(sink)
    except (PyPdfError, ValueError, KeyError):
        raise DeliveryError(
            "A file cannot be put under a password.",
            found="it cannot be read as a PDF, or has a password already",
            do="Make the report again",
        ) from None
    return sink.getvalue()


def check_password(password: str, *, name: str) -> None:
    """Refuse a password that protects nothing; the password is not told.

    Raises
    ------
    DeliveryError
        If it has under 8 characters, over 127 bytes, or blanks around it.

    Examples
    --------
    >>> check_password("correct horse", name="PDF_NOA")
    """
    size = len(password.encode("utf-8"))
    if len(password) >= SHORTEST and size <= _LONGEST_BYTES and password == password.strip():
        return
    raise DeliveryError(
        f"{name} cannot be the password of a PDF.",
        found=f"{len(password)} characters, {size} bytes",
        do=f"Use at least {SHORTEST} characters and at most {_LONGEST_BYTES} bytes, without blanks "
        "around them",
    )
