"""Accounts whose keys the shop keeps. Looked up again each second, so that all processes know of new keys."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot import db
from bot.errors import FrontlineError
from bot.models import Account, AccountKeys
from bot.ports import Channel
from bot.transactions import fault

FRESH = 1.0

log = structlog.get_logger()
Sealed = tuple[str, str]
Speak = Callable[[tuple[str, ...], str], Channel]
"""Makes a channel of its secrets (the one before still counts) and its token."""


class KeysShut(FrontlineError):
    """There are keys, and they cannot be opened now."""


@dataclass
class KeptAccounts:
    """Those of one channel. `unseal` gives None for what another SECRET_KEY has sealed."""

    channel: str
    sessions: db.Sessions
    unseal: Callable[[str], str | None]
    speak: Speak
    _known: Mapping[str, Sealed] | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)
    _open_ones: dict[Sealed, Channel] = field(default_factory=dict, init=False)

    def find(self, account: str) -> Channel | None:
        """The account with its keys; None where the shop keeps none for it. KeysShut where they cannot be opened."""
        sealed = self._sealed().get(account)
        return self._open(account, sealed) if sealed else None

    def every(self) -> Iterator[tuple[str, Channel]]:
        """Those whose keys can be opened, by the account's name at the platform."""
        for account, sealed in self._sealed().items():
            try:
                yield account, self._open(account, sealed)
            except KeysShut:
                continue  # said in the log when it was tried

    def shut(self) -> list[str]:
        """Those whose keys cannot be opened."""
        return sorted(self._sealed().keys() - {account for account, _ in self.every()})

    def _open(self, account: str, sealed: Sealed) -> Channel:
        if sealed not in self._open_ones:
            secret, token = map(self.unseal, sealed)
            if secret is None or token is None:
                log.error("account.sealed_with_another_key", account=account)
                raise KeysShut("the account's keys were sealed with another SECRET_KEY")
            self._open_ones[sealed] = self.speak(tuple(secret.split(",")), token)
        return self._open_ones[sealed]

    def _sealed(self) -> Mapping[str, Sealed]:
        if self._known is None or time.monotonic() - self._looked >= FRESH:
            self._known, self._looked = self._read(), time.monotonic()
        return self._known

    def _read(self) -> Mapping[str, Sealed]:
        """All of them; while the database is away, as they were."""
        keys = select(Account.external_id, AccountKeys.secret, AccountKeys.token).join(AccountKeys.account)
        try:
            with db.reading(self.sessions) as session:
                found = session.execute(keys.where(Account.channel == self.channel))
                return {row.external_id: (row.secret, row.token) for row in found}
        except SQLAlchemyError as error:
            if self._known is None:
                raise KeysShut(f"the keys of accounts could not be read ({fault(error)})") from error
            log.warning("account.keys_not_read", error=fault(error))
            return self._known
