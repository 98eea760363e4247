"""All our accounts on a platform: the first, whose keys the environment gives, and those whose keys the shop keeps."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import structlog

from bot.channels.kept import KeptAccounts, KeysShut
from bot.errors import FileAway, TemporarySendError
from bot.messages import Inbound
from bot.ports import Batches, Channel, Checkup, Parcel, Profile, Quota, Recipient

log = structlog.get_logger()


@dataclass(frozen=True)
class Accounts:
    """`bot.ports.Channel` over them: each call goes out with the keys of the account that it is for.

    `first_id` is the first account's name at the platform, where the environment tells it: nobody else is
    answered with its keys then.
    """

    first: Channel
    kept: KeptAccounts
    first_id: str = ""

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def pack(self) -> int:
        return self.first.pack

    @property
    def repeatable(self) -> bool:
        return self.first.repeatable

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whoever signs with a kept account's secret speaks for that account alone."""
        if self.first.verify(body, headers):
            return True
        try:
            signed = {account for account, own in self.kept.every() if own.verify(body, headers)}
        except KeysShut as shut:
            log.error("account.keys_not_read", error=str(shut))
            return False
        return bool(signed) and self._named(body) <= signed

    def split(self, body: Any) -> Batches:
        return self.first.split(body)

    def event_id(self, raw: dict[str, Any]) -> str | None:
        return self.first.event_id(raw)

    def normalise(self, raw: dict[str, Any]) -> Inbound:
        return self.first.normalise(raw)

    def send(self, parcel: Parcel) -> list[str]:
        return self.of(parcel.recipient.account).send(parcel)

    def show_loading(self, recipient: Recipient, seconds: int) -> None:
        if own := self._open(recipient.account):
            own.show_loading(recipient, seconds)

    def profile(self, recipient: Recipient) -> Profile | None:
        own = self._open(recipient.account)
        return own.profile(recipient) if own else None

    def quota(self, account: str) -> Quota | None:
        own = self._open(account)
        return own.quota(account) if own else None

    def trouble(self) -> str | None:
        try:
            shut, some = self.kept.shut(), any(True for _ in self.kept.every())
        except KeysShut as away:
            return str(away)
        if shut:
            return f"the keys of {len(shut)} account(s) were sealed with another SECRET_KEY"
        return "" if some else self.first.trouble()

    def identify(self, token: str, secret: str) -> Checkup:
        return self.first.identify(token, secret)

    def answers(self, account: str) -> bool:
        own = self._open(account)
        return own is not None and own.answers(account)

    def check_up(self, account: str) -> Checkup:
        return self.of(account).check_up(account)

    def content(self, account: str, file: str, into: IO[bytes], limit: int) -> bool:
        own = self._open(account)
        if own is None:
            raise FileAway("the keys of this account cannot be read")
        return own.content(account, file, into, limit)

    def of(self, account: str) -> Channel:
        """With the keys of this account; those of the first are never used for another's that cannot be opened."""
        try:
            kept = self.kept.find(account) if account else None
        except KeysShut as shut:
            raise TemporarySendError(str(shut)) from shut
        if kept is None and self.first_id and account not in ("", self.first_id):
            raise TemporarySendError("there are no keys for this account")
        return kept or self.first

    def _open(self, account: str) -> Channel | None:
        """Likewise, for what can do without an answer."""
        try:
            return self.of(account)
        except TemporarySendError:
            return None

    def _named(self, body: bytes) -> set[str]:
        """The accounts that a webhook names; one that nobody has where it is none."""
        try:
            return {account[:80] for account, _ in self.split(json.loads(body))} or {""}
        except (ValueError, RecursionError):
            return {""}
