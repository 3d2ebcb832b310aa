"""One connection to an SMTP server, and what became of a letter that was given to it."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from typing import Literal

from spm_lib.core.errors import DeliveryError
from spm_lib.delivery.environment import filled
from spm_lib.delivery.settings import MailSettings

Kind = Literal["put off", "refused", "unsure", "no server"]
_GO_ON, _TAKEN, _CLOSING, _NO_ANSWER = 354, 250, 421, -1
_LINE_DOT = re.compile(rb"(?m)^\.")


class NotTakenError(DeliveryError):
    """A letter that the server has not taken, as far as is known.

    ``kind`` is "put off" (try again later), "no server" (the same, and for every letter), "refused"
    (never), or "unsure": the whole letter went out and no answer came, so that it may have arrived.
    """

    def __init__(self, kind: Kind, detail: str) -> None:
        self.kind: Kind = kind
        super().__init__(detail)


class _CutError(NotTakenError):
    """The connection ended."""


class Post:
    """A connection that is opened for the first letter and anew after anything went wrong.

    Errors that hold for every letter (a certificate that is not trusted, no STARTTLS, a wrong
    password) are raised as plain ``DeliveryError``: trying again would do harm.
    """

    def __init__(self, mail: MailSettings) -> None:
        self.mail = mail
        self._smtp: smtplib.SMTP | None = None
        self._ended = False  # whether the end of the letter under way has gone out

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *_: object) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()
        self._smtp = None

    def send(self, letter: bytes, *, address: str, before_end: Callable[[], None]) -> str:
        """Give one letter to the server and return its answer.

        ``before_end`` is called when all of the letter is out but its end: until then no server
        may deliver it, from then on it may have been.

        Raises
        ------
        NotTakenError
            If the server does not take it.
        DeliveryError
            If no letter can be sent at all.
        """
        used = self._smtp is not None
        try:
            return self._tried(letter, address, before_end)
        except _CutError as cut:
            if cut.kind != "put off" or not used:
                raise
        # Servers end a connection after so many letters, or when it was idle: take a new one.
        return self._tried(letter, address, before_end)

    def _tried(self, letter: bytes, address: str, before_end: Callable[[], None]) -> str:
        self._ended = False
        try:
            answer = self._given(letter, address, before_end)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            detail = self._told(str(error) or type(error).__name__)
            raise _CutError("unsure" if self._ended else "put off", detail) from None
        except BaseException:
            self._drop()
            raise
        return answer

    def _given(self, letter: bytes, address: str, before_end: Callable[[], None]) -> str:
        smtp = self._connection()
        size = [f"size={len(letter)}"] if smtp.has_extn("size") else []
        self._expect(smtp.mail(self.mail.sender, size), _TAKEN)
        self._expect(smtp.rcpt(address), _TAKEN)
        self._expect(smtp.docmd("DATA"), _GO_ON)
        whole = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
        smtp.send(_LINE_DOT.sub(b"..", whole))
        before_end()
        smtp.send(b".\r\n")
        self._ended = True
        return self._expect(smtp.getreply(), _TAKEN)

    def _expect(self, reply: tuple[int, bytes], wanted: int) -> str:
        code, text = reply
        told = self._told(f"{code} {text.decode('utf-8', 'replace')}")
        if code == wanted or (wanted == _TAKEN and 250 <= code < 260):
            return told
        if code == _NO_ANSWER:
            raise smtplib.SMTPServerDisconnected("the answer makes no sense")
        if code == _CLOSING:
            raise _CutError("put off", told)
        raise NotTakenError("put off" if 400 <= code < 500 else "refused", told)

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._opened()
            except ssl.SSLCertVerificationError as error:
                raise DeliveryError(
                    "The mail server's certificate is not trusted.",
                    found=f"{self.mail.host}: {error.verify_message}",
                    do="Correct host; or name its authority's certificate as ca_file under [mail]",
                ) from None
            except smtplib.SMTPNotSupportedError as error:
                raise DeliveryError(
                    "The mail server does not offer what is asked of it.",
                    found=f"{self.mail.host}:{self.mail.port}: {error}",
                    do="Correct security, port or user under [mail]",
                ) from None
            except smtplib.SMTPAuthenticationError as error:
                raise self._login_refused(error) from None
            except (smtplib.SMTPException, OSError) as error:
                place = f"{self.mail.host}:{self.mail.port}"
                told = self._told(str(error) or type(error).__name__)
                raise NotTakenError("no server", f"{place} cannot be reached: {told}") from None
        return self._smtp

    def _opened(self) -> smtplib.SMTP:
        mail = self.mail
        login = (filled(mail.user), filled(mail.password)) if mail.user and mail.password else None
        context = ssl.create_default_context(cafile=mail.ca_file)
        timeout = float(mail.timeout_seconds)
        if mail.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, timeout=timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(mail.host, mail.port, timeout=timeout)
        try:
            if mail.security == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if login:
                smtp.login(*login)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _login_refused(self, error: smtplib.SMTPAuthenticationError) -> DeliveryError:
        text = error.smtp_error
        told = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        told = self._told(f"{error.smtp_code} {told}")
        if 400 <= error.smtp_code < 500:
            return NotTakenError("no server", told)
        return DeliveryError(
            "The mail server refuses the user or the password.",
            found=f"{self.mail.host}: {told}",
            do=f"Correct user under [mail], or the value of {self.mail.password}",
        )

    def _told(self, text: str) -> str:
        """Return a server's words as one line, with the password struck out of it."""
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
        try:
            password = filled(self.mail.password) if self.mail.password else ""
        except DeliveryError:
            password = ""
        return line.replace(password, "***") if password else line

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
