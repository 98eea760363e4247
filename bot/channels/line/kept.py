"""Accounts whose keys the shop keeps. Looked up again each second, so that all processes know of new keys."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot import db
from bot.channels.line import Line
from bot.errors import FrontlineError
from bot.models import Account, AccountKeys
from bot.transactions import fault

FRESH = 1.0

log = structlog.get_logger()
Sealed = tuple[str, str]


class KeysShut(FrontlineError):
    """There are keys, and they cannot be opened now."""


@dataclass
class KeptAccounts:
    """`unseal` gives None for what another SECRET_KEY has sealed."""

    sessions: db.Sessions
    unseal: Callable[[str], str | None]
    api_base: str
    data_base: str = ""
    _known: Mapping[str, Sealed] | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)
    _lines: dict[Sealed, Line] = field(default_factory=dict, init=False)

    def find(self, account: str) -> Line | None:
        """The account with its keys; None where the shop keeps none for it. KeysShut where they cannot be opened."""
        sealed = self._sealed().get(account)
        return self._open(account, sealed) if sealed else None

    def every(self) -> Iterator[tuple[str, Line]]:
        """Those whose keys can be opened, by the account's name at the platform."""
        for account, sealed in self._sealed().items():
            try:
                yield account, self._open(account, sealed)
            except KeysShut:
                continue  # said in the log when it was tried

    def _open(self, account: str, sealed: Sealed) -> Line:
        if sealed not in self._lines:
            secret, token = map(self.unseal, sealed)
            if secret is None or token is None:
                log.error("account.sealed_with_another_key", account=account)
                raise KeysShut("the account's keys were sealed with another SECRET_KEY")
            self._lines[sealed] = Line(tuple(secret.split(",")), token, self.api_base, data_base=self.data_base)
        return self._lines[sealed]

    def _sealed(self) -> Mapping[str, Sealed]:
        if self._known is None or time.monotonic() - self._looked >= FRESH:
            self._known, self._looked = self._read(), time.monotonic()
        return self._known

    def _read(self) -> Mapping[str, Sealed]:
        """All of them; while the database is away, as they were."""
        keys = select(Account.external_id, AccountKeys.secret, AccountKeys.token).join(AccountKeys.account)
        try:
            with db.reading(self.sessions) as session:
                return {row.external_id: (row.secret, row.token) for row in session.execute(keys)}
        except SQLAlchemyError as error:
            if self._known is None:
                raise KeysShut(f"the keys of accounts could not be read ({fault(error)})") from error
            log.warning("account.keys_not_read", error=fault(error))
            return self._known
