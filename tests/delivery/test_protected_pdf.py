"""A PDF under a password opens with it only, and the password is nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from spm_lib.core import DeliveryError
from spm_lib.delivery import Grant, Recipient, bundle_for, protect_pdf, read_run

from .run_on_disk import AS_OF, write_item, write_run

PASSWORDS = ["correct horse", "סיסמה ארוכה 7", "a" * 127]


@pytest.fixture(scope="module")
def printed() -> bytes:
    """A PDF with Hebrew text, a heading and tags."""
    import typst

    return typst.compile(b'#set text(lang: "he")\n= Secret figure 4711\nText\n#pagebreak()\nTwo')


def text_of(content: bytes, password: str | None) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(content, password=password) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.parametrize("password", PASSWORDS, ids=["english", "hebrew", "longest"])
def test_it_opens_with_the_password_only(printed, password) -> None:
    import pypdfium2

    locked = protect_pdf(printed, password=password)
    assert text_of(locked, password) == text_of(printed, None)
    assert "4711" in text_of(locked, password)
    for wrong in (
        None,
        "",
        "wrong one",
        password[:-1],
        password + "x" if len(password) < 127 else "",
    ):
        with pytest.raises(pypdfium2.PdfiumError):
            text_of(locked, wrong)
    assert locked.startswith(b"%PDF-2.0")
    for trace in (password.encode(), password.encode("utf-16-be"), b"Secret figure"):
        assert trace not in locked


def test_it_is_aes_256_of_the_newest_revision(printed) -> None:
    import io

    import pypdf

    locked = protect_pdf(printed, password="correct horse")
    reader = pypdf.PdfReader(io.BytesIO(locked))
    encryption = reader.trailer["/Encrypt"].get_object()
    assert (encryption["/V"], encryption["/R"]) == (5, 6)
    assert encryption["/CF"]["/StdCF"]["/CFM"] == "/AESV3"
    reader.decrypt("correct horse")
    plain = pypdf.PdfReader(io.BytesIO(printed))
    kept = ("/StructTreeRoot", "/MarkInfo", "/Lang", "/Outlines")
    assert [key in reader.root_object for key in kept] == [key in plain.root_object for key in kept]


@pytest.mark.parametrize("password", ["", "short", " padded word ", "ס" * 64])
def test_a_password_that_protects_nothing_is_refused_and_not_told(printed, password) -> None:
    with pytest.raises(DeliveryError) as caught:
        protect_pdf(printed, password=password)
    if password:
        assert password not in str(caught.value)


def test_what_is_no_pdf_is_refused(printed) -> None:
    locked = protect_pdf(printed, password="correct horse")
    for content in (b"no pdf", b"", locked):
        with pytest.raises(DeliveryError, match="cannot be put under a password"):
            protect_pdf(content, password="correct horse")


def test_nothing_goes_beside_a_pdf_with_a_password(printed, tmp_path: Path, monkeypatch) -> None:
    """The page would show what the PDF hides."""
    folder = tmp_path / AS_OF
    item = write_item(folder, "rep:r7")
    (folder / item["folder"] / "report.pdf").write_bytes(printed)
    run = read_run(write_run(folder, [item]))
    noa = Recipient("noa@example.com", "he", (Grant("rep:r7"),), "PDF_NOA")
    with pytest.raises(DeliveryError, match="PDF_NOA is not set"):
        bundle_for(noa, run.items, as_of=run.as_of)
    monkeypatch.setenv("PDF_NOA", "short")
    with pytest.raises(DeliveryError, match="PDF_NOA cannot be the password"):
        bundle_for(noa, run.items, as_of=run.as_of)
    monkeypatch.setenv("PDF_NOA", "correct horse")
    bundle = bundle_for(noa, run.items, as_of=run.as_of)
    assert [part.kind for part in bundle.parts] == ["pdf"]
    assert sorted(part.kind for part in bundle.withheld) == ["html", "xlsx"]
    [content] = bundle.read().files.values()
    assert "4711" in text_of(content, "correct horse")
    with pytest.raises(DeliveryError, match="pdf, which alone"):
        bundle_for(noa, run.items, as_of=run.as_of, kinds=("html",))
