"""Letters to customers. What they answer is not read here: who writes a letter says in it how to reach us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, parseaddr
from typing import IO, Any

from bot import mail
from bot.errors import FileGone, PermanentSendError, TemporarySendError
from bot.messages import Inbound
from bot.ports import Batches, Checkup, Parcel, Profile, Quota, Recipient

SECONDS = 8.0  # for the whole talk with the server: the outbox takes a call that is longer for a dead one
PLAIN = SMTP.clone(cte_type="7bit")  # as every mail server takes it


@dataclass(frozen=True)
class Email:
    """The shop's mail server, empty where there is none, and in whose name it sends.

    A mail server does not tell a repeat: a letter that may have arrived is never sent again by itself.
    """

    server: str = field(repr=False)
    sender: str
    shop: str
    name: str = "email"
    pack: int = 1
    repeatable: bool = False

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return False

    def split(self, body: Any) -> Batches:
        raise ValueError("letters do not come by webhook")

    def event_id(self, raw: dict[str, Any]) -> str | None:
        return None

    def normalise(self, raw: dict[str, Any]) -> Inbound:
        return Inbound("other")

    def send(self, parcel: Parcel) -> list[str]:
        """One letter; its key is how a later one refers to it."""
        if not self.server:
            raise TemporarySendError("no mail server is set up")
        try:
            letter = self._letter(parcel)
        except (ValueError, TypeError) as error:
            raise PermanentSendError("the letter cannot be written") from error
        mail.post(self.server, letter, SECONDS)
        return [parcel.key]

    def show_loading(self, recipient: Recipient, seconds: int) -> None:
        return

    def profile(self, recipient: Recipient) -> Profile | None:
        return Profile()

    def content(self, account: str, file: str, into: IO[bytes], limit: int) -> bool:
        raise FileGone("no files come by letter")

    def quota(self, account: str) -> Quota | None:
        return None

    def trouble(self) -> str | None:
        return "" if self.server else None

    def answers(self, account: str) -> bool:
        return True  # whether a letter was taken, its server always tells

    def identify(self, token: str, secret: str) -> Checkup:
        raise PermanentSendError("a mail server has no tokens")

    def check_up(self, account: str) -> Checkup:
        raise PermanentSendError("a mail server does not tell")

    def _letter(self, parcel: Parcel) -> EmailMessage:
        [said] = parcel.messages
        letter = EmailMessage(PLAIN)
        letter["Subject"], letter["To"] = said.message.subject, parcel.recipient.id
        letter["From"] = formataddr((f"{said.sender_name}・{self.shop}".strip("・"), parseaddr(self.sender)[1]))
        letter["Date"] = formatdate()
        letter["Message-ID"] = mail.message_id(parcel.key, self.sender)
        if said.message.follows:
            letter["In-Reply-To"] = letter["References"] = mail.message_id(said.message.follows, self.sender)
        letter.set_content(said.message.text)
        return letter
