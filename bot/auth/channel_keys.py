"""Keys of further accounts: kept sealed, never shown again, and replaced without a gap."""

from sqlalchemy.orm import Session

from bot import journal, people
from bot.auth import keys
from bot.clock import now
from bot.errors import Refused
from bot.models import Account, AccountKeys
from bot.ports import Checkup
from bot.settings import Settings


def put(
    session: Session, settings: Settings, channel: str, known: Checkup, name: str, secret: str, token: str, *, by: int
) -> int:
    """The account that the platform says the token belongs to has these keys from now on; its id."""
    account = session.get_one(Account, people.account_id(session, channel, known.external_id))
    account.name = name[:80] or known.name[:80]
    kept = session.get(AccountKeys, account.id, with_for_update=True)
    before = keys.unseal(settings, kept.secret) if kept else None
    secrets = [secret, *[old for old in (before or "").split(",")[:1] if old and old != secret]]
    sealed = {"secret": keys.seal(settings, ",".join(secrets)), "token": keys.seal(settings, token)}
    if kept is None:
        session.add(AccountKeys(account_id=account.id, set_by=by, **sealed))
    else:
        kept.secret, kept.token, kept.set_by, kept.set_at = sealed["secret"], sealed["token"], by, now()
    journal.write(session, "account.keys_set", account_id=account.id, user_id=by, replaced=kept is not None)
    return account.id


def replaceable(kept: AccountKeys | None, known: Checkup) -> None:
    """Refused where the token is another account's: conversations would be answered by a stranger."""
    if kept is not None and kept.account.external_id != known.external_id:
        raise Refused("這個 token 是「%(name)s」的，不是這個帳號的。", name=known.name).at("token")
