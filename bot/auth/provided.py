"""Whom a provider's word brings in: somebody whom the shop knows by that name, or whose group has a role here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import journal
from bot.auth import accounts, passwords
from bot.auth.permissions import ROLES
from bot.errors import FrontlineError, SettingsError
from bot.models import User
from bot.settings import Settings


class NotOurs(FrontlineError):
    """The provider knows them, this shop does not, or does not any more."""


def roles(settings: Settings) -> dict[str, str]:
    """The roles of the provider's groups, the first of the list first."""
    mapped = settings.oidc_groups
    if unknown := set(mapped.values()) - set(ROLES):
        raise SettingsError(f"OIDC_ROLES: nobody is {', '.join(sorted(unknown))}; roles: {', '.join(ROLES)}")
    return mapped


def needed(settings: Settings) -> set[str]:
    """The claims without which nobody comes in."""
    groups = {settings.oidc_groups_claim} if settings.oidc_groups else set()
    verified = {"email_verified"} if settings.oidc_claim == "email" else set()
    return {settings.oidc_claim} | groups | verified


def user_of(session: Session, settings: Settings, claims: Mapping[str, Any]) -> User:
    """The member of staff; with groups mapped to roles, whoever is new is added, and the role follows the groups."""
    name = _name(settings, claims)
    user = _known(session, name)
    if user and not user.active:
        raise NotOurs("they are no member of staff any more")
    if not (mapped := roles(settings)):
        if user is None:
            raise NotOurs("nobody here has this name at the provider")
        return user
    groups = _groups(claims.get(settings.oidc_groups_claim))
    role = next((role for group, role in mapped.items() if group in groups), None)
    if role is None:
        raise NotOurs("none of their groups has a role here")
    if user is None:
        return _arrives(session, name, str(claims.get("name") or name), role)
    if user.role != role:
        accounts.change_user(session, user.username, role, active=True, by=None)  # the groups did, not she
    return user


def call(session: Session, settings: Settings, username: str, name: str, by: int | None) -> None:
    """The provider calls this member of staff so; no name, and they come by password alone."""
    name = _compared(settings, name)
    if name and _known(session, name):
        raise FrontlineError(f"{name!r} is somebody else's name at the provider")
    user = accounts.find(session, username)
    before, user.provider_name = user.provider_name, name or None
    try:
        session.flush()
    except IntegrityError as at_once:
        raise FrontlineError(f"{name!r} became somebody else's name at the provider just now") from at_once
    named = {"provider_name": before or ""}, {"provider_name": name}
    journal.changed(session, "user.provider_name_changed", *named, by=by, member=user.id)


def _name(settings: Settings, claims: Mapping[str, Any]) -> str:
    """An address counts only where the provider has seen to it that it is theirs."""
    name = claims.get(settings.oidc_claim)
    if not isinstance(name, str) or not name.strip():
        raise NotOurs(f"the provider does not tell their {settings.oidc_claim}")
    if settings.oidc_claim == "email" and claims.get("email_verified") is not True:
        raise NotOurs("the provider has not verified their address")
    return _compared(settings, name)


def _compared(settings: Settings, name: str) -> str:
    """Addresses are the same in capitals; of other names only the provider knows that."""
    return name.strip().lower() if settings.oidc_claim == "email" else name.strip()


def _groups(told: object) -> list[object]:
    """Some providers tell a single group as a text, of which a part is no group."""
    return [told] if isinstance(told, str) else told if isinstance(told, list) else []


def _known(session: Session, name: str) -> User | None:
    return session.scalars(select(User).where(User.provider_name == name)).one_or_none()


def _arrives(session: Session, name: str, shown: str, role: str) -> User:
    """Nobody knows the password, so there is none."""
    username, shown = name[: accounts.LONGEST_NAME], shown[: accounts.LONGEST_SHOWN]
    try:
        user = accounts.create_user(session, username, shown, role, passwords.one_time())
    except FrontlineError as taken:
        raise NotOurs("their user name is taken here") from taken
    user.provider_name = name
    journal.changed(session, "user.provider_name_changed", {}, {"provider_name": name}, by=user.id, member=user.id)
    return user
