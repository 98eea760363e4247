"""Notices by e-mail. The Message-ID stays the same over all tries: a mailbox files a repeat as the same mail."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

from bot import mail
from handoff.notifiers import Letter

SECONDS = 15.0  # for the whole talk with the server, within what a call may take


@dataclass(frozen=True)
class Email:
    """The mail server, and in whose name it sends."""

    server: str = field(repr=False)
    sender: str

    def send(self, letter: Letter, address: str) -> None:
        mail.post(self.server, self._message(letter, address), SECONDS)

    def _message(self, letter: Letter, address: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = letter.title, self.sender, address
        message["Date"] = formatdate()
        message["Message-ID"] = mail.message_id(letter.key, self.sender)
        message["Auto-Submitted"] = "auto-generated"
        if letter.urgent:
            message["Importance"] = "high"
        message.set_content(f"{letter.body}\n\n{letter.url}\n")
        return message
