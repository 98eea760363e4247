"""Notices by e-mail. The Message-ID stays the same over all tries: a mailbox files a repeat as the same mail."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from bot.errors import PermanentSendError, SendError, TemporarySendError, UnknownOutcome
from handoff.notifiers import Letter

TIMEOUT = 6.0  # seconds for each answer of the server
PORTS = {"smtp": 25, "smtps": 465}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Email:
    """A mail server: smtp:// uses STARTTLS where the server offers it, smtps:// is encrypted from the first byte."""

    server: str = field(repr=False)
    sender: str

    def send(self, letter: Letter, address: str) -> None:
        message = self._message(letter, address)
        try:
            client = self._connect()
        except (OSError, smtplib.SMTPException) as error:  # a wrong password is ours to mend, and then it goes out
            raise TemporarySendError(f"the mail server was not reached ({type(error).__name__})") from error
        with client:
            _hand_over(client, message)

    def _message(self, letter: Letter, address: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = letter.title, self.sender, address
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{letter.key}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if letter.urgent:
            message["Importance"] = "high"
        message.set_content(f"{letter.body}\n\n{letter.url}\n")
        return message

    def _connect(self) -> smtplib.SMTP:
        where = urlsplit(self.server)
        host, port = where.hostname or "", where.port or PORTS[where.scheme]
        if where.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
        else:
            client = smtplib.SMTP(host, port, timeout=TIMEOUT)
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
            elif where.username and host not in LOOPBACK:
                raise smtplib.SMTPNotSupportedError("the password would be readable on its way")
        if where.username:
            client.login(unquote(where.username), unquote(where.password or ""))
        return client


def _hand_over(client: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        client.send_message(message)
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
