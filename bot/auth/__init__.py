"""Who may come in, and where to: accounts, the session, and the declaration that every route must carry."""

from bot.auth.access import AGENTS, CONTENT, STAFF, allow, declared, machine, public
from bot.auth.accounts import DEMO_PASSWORD, DEMO_USERS, create_user, load_demo_users, retire_demo_users
from bot.auth.home import at_home
from bot.auth.login import Member, init_app, me, sign_in, sign_out

__all__ = [
    "AGENTS",
    "CONTENT",
    "DEMO_PASSWORD",
    "DEMO_USERS",
    "STAFF",
    "Member",
    "allow",
    "at_home",
    "create_user",
    "declared",
    "init_app",
    "load_demo_users",
    "machine",
    "me",
    "public",
    "retire_demo_users",
    "sign_in",
    "sign_out",
]
