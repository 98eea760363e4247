"""All our accounts on LINE: the first, whose keys the environment gives, and those whose keys the shop keeps."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import structlog

from bot.channels.line import Line, events
from bot.channels.line.kept import KeptAccounts, KeysShut
from bot.errors import FileAway, TemporarySendError
from bot.messages import Inbound
from bot.ports import Checkup, Parcel, Profile, Quota, Recipient

log = structlog.get_logger()


@dataclass(frozen=True)
class LineAccounts:
    """`bot.ports.Channel` over them: each call goes out with the keys of the account that it is for."""

    first: Line
    kept: KeptAccounts
    name: str = "line"
    pack: int = 5

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whoever signs with a kept account's secret speaks for that account alone."""
        if self.first.verify(body, headers):
            return True
        try:
            signed = [account for account, own in self.kept.every() if own.verify(body, headers)]
        except KeysShut as shut:
            log.error("account.keys_not_read", error=str(shut))
            return False
        return bool(signed) and _destination(body) in signed

    def split(self, body: Any) -> tuple[str, list[dict[str, Any]]]:
        return events.split(body)

    def event_id(self, raw: dict[str, Any]) -> str | None:
        return self.first.event_id(raw)

    def normalise(self, raw: dict[str, Any]) -> Inbound:
        return events.normalise(raw)

    def send(self, parcel: Parcel) -> list[str]:
        return self._of(parcel.recipient.account).send(parcel)

    def show_loading(self, recipient: Recipient, seconds: int) -> None:
        if own := self._open(recipient.account):
            own.show_loading(recipient, seconds)

    def profile(self, recipient: Recipient) -> Profile | None:
        own = self._open(recipient.account)
        return own.profile(recipient) if own else None

    def quota(self, account: str) -> Quota | None:
        own = self._open(account)
        return own.quota(account) if own else None

    def identify(self, token: str) -> Checkup:
        return self.first.identify(token)

    def check_up(self, account: str) -> Checkup:
        return self._of(account).check_up(account)

    def content(self, account: str, message_id: str, into: IO[bytes], limit: int) -> bool:
        own = self._open(account)
        if own is None:
            raise FileAway("the keys of this account cannot be read")
        return own.content(account, message_id, into, limit)

    def _of(self, account: str) -> Line:
        """With the keys of this account; those of the first are never used for another's that cannot be opened."""
        try:
            return (self.kept.find(account) if account else None) or self.first
        except KeysShut as shut:
            raise TemporarySendError(str(shut)) from shut

    def _open(self, account: str) -> Line | None:
        """Likewise, for what can do without an answer."""
        try:
            return self._of(account)
        except TemporarySendError:
            return None


def _destination(body: bytes) -> str:
    """The account that a webhook names; nothing where it is none."""
    try:
        return str(json.loads(body)["destination"])[:80]
    except (ValueError, RecursionError, KeyError, TypeError):
        return ""
