"""Handing letters to the mail server, for notices to staff and letters to customers alike.

smtp:// uses STARTTLS where the server offers it, smtps:// is encrypted from the first byte.
"""

import smtplib
import ssl
import time
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from bot.errors import PermanentSendError, SendError, TemporarySendError, UnknownOutcome

PORTS = {"smtp": 25, "smtps": 465}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MOMENT = 0.01


def message_id(key: str, sender: str) -> str:
    """How a letter with this key is called: the same over all tries, so a mailbox files a repeat as the same letter."""
    return f"<{key}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def post(server: str, letter: EmailMessage, seconds: float) -> None:
    """Give the server a letter, in so many seconds at most. Else one of the `SendError`s says what became of it."""
    try:
        client = _connect(urlsplit(server), seconds)
    except (OSError, smtplib.SMTPException) as error:  # a wrong password is ours to mend, and then it goes out
        raise TemporarySendError(f"the mail server was not reached ({type(error).__name__})") from error
    with client:
        _hand_over(client, letter)


class _InTime(smtplib.SMTP):
    """A talk that is over in time, however slowly the server answers."""

    def __init__(self, host: str, port: int, seconds: float, **options: Any) -> None:
        self._ends = time.monotonic() + seconds
        super().__init__(host, port, timeout=seconds, **options)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.sock.settimeout(max(self._ends - time.monotonic(), MOMENT))
        return super().getreply()


class _InTimeAndSealed(_InTime, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _connect(where: SplitResult, seconds: float) -> smtplib.SMTP:
    host, port = where.hostname or "", where.port or PORTS[where.scheme]
    if where.scheme == "smtps":
        client: smtplib.SMTP = _InTimeAndSealed(host, port, seconds, context=ssl.create_default_context())
    else:
        client = _InTime(host, port, seconds)
        client.ehlo()
        if client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
        elif where.username and host not in LOOPBACK:
            raise smtplib.SMTPNotSupportedError("the password would be readable on its way")
    if where.username:
        client.login(unquote(where.username), unquote(where.password or ""))
    return client


def _hand_over(client: smtplib.SMTP, letter: EmailMessage) -> None:
    try:
        client.send_message(letter)
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentSendError("the mail server does not take such an address") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:  # it broke off, perhaps after the last byte
        raise UnknownOutcome(f"the mail server went away ({type(error).__name__})") from error


def _refusal(code: int, _: bytes | str) -> SendError:
    """The server's own words may quote the address, so only its code is kept. 4xx: later; 5xx: never."""
    kind = TemporarySendError if 400 <= code < 500 else PermanentSendError
    return kind(f"the mail server said {code}", status=code)
