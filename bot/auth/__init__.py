"""Who may come in, and where to: accounts, the session, and the declaration that every route must carry."""

from bot.auth import accounts, attempts, halfway, keys, passwords, provided, renewal, second_step, sign_ins
from bot.auth.access import allow, anonymous, declared, machine, public
from bot.auth.accounts import DEMO_USERS, create_user, load_demo_users, retire_demo_users
from bot.auth.home import at_home
from bot.auth.login import Member, init_app, me, sign_in, sign_out
from bot.auth.passwords import DEMO_PASSWORD
from bot.auth.permissions import ROLES, may, roles

__all__ = [
    "DEMO_PASSWORD",
    "DEMO_USERS",
    "ROLES",
    "Member",
    "accounts",
    "allow",
    "anonymous",
    "at_home",
    "attempts",
    "create_user",
    "declared",
    "halfway",
    "init_app",
    "keys",
    "load_demo_users",
    "machine",
    "may",
    "me",
    "passwords",
    "provided",
    "public",
    "renewal",
    "retire_demo_users",
    "roles",
    "second_step",
    "sign_in",
    "sign_ins",
    "sign_out",
]
