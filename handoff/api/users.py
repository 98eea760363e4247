"""Who there is: the caller itself, and members of staff, whom admins add and let go."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import PageQuery, allow, answers, caller, spec
from bot.auth import accounts, may
from bot.errors import Refused
from bot.models import User
from bot.transactions import transact
from handoff import presence
from handoff.api.doing import CREATED, arrange
from handoff.api.routes import blueprint, listed, person, reading, services
from handoff.api.shapes.staff import Me, NewUser, Staff, StaffList, Status, UserChange


@blueprint.get("/me")
@allow("self", "me:read")
@spec.validate(resp=answers(HTTP_200=Me), tags=("me",))
def show_me() -> Me:
    """As whom this token acts."""
    with reading() as session:
        return _me(session)


@blueprint.put("/me/presence")
@allow("case.helped", "me:write")
@spec.validate(resp=answers(HTTP_200=Me), tags=("me",))
def choose_presence(json: Status) -> Me:
    """Be online or away. A program that takes cases as a member of a team says so again each minute."""
    me = caller().user_id
    transact(services().sessions, lambda session: presence.choose(session, me, json.status))
    presence.seen(services().sessions, me)
    with reading() as session:
        return _me(session)


@blueprint.get("/users")
@allow("desk.work", "staff:read")
@spec.validate(resp=answers(HTTP_200=StaffList), tags=("staff",))
def list_users(query: PageQuery) -> StaffList:
    """Members of staff, newest first; who left is shown to admins alone."""
    wanted = select(User)
    if not may(caller().role, "house.run"):
        wanted = wanted.where(User.active)
    with reading() as session:
        return listed(session, StaffList, query, wanted, User.id, Staff.of)


@blueprint.post("/users")
@allow("house.run", "staff:write")
@spec.validate(resp=answers(HTTP_201=Staff), tags=("staff",))
def add_user(json: NewUser) -> Response:
    """A new member of staff, who signs in with this password."""
    given = json.username, json.name, json.role, json.password

    def deed(session: Session, me: int) -> User:
        return accounts.create_user(session, *given, by=me, language=json.language)

    return arrange(deed, lambda _, user: Staff.of(user), CREATED)


@blueprint.put("/users/<username>")
@allow("house.run", "staff:write")
@spec.validate(resp=answers(HTTP_200=Staff), tags=("staff",))
def change_user(username: str, json: UserChange) -> Response:
    """Another role or name, or gone, or back; of oneself only somebody else does that."""

    def deed(session: Session, me: int) -> User:
        user = person(session, username)
        if user.id == me:
            raise Refused("自己的角色請另一位管理員改。")
        return accounts.change_user(session, username, json.role, active=json.active, by=me, name=json.name)

    return arrange(deed, lambda _, user: Staff.of(user))


def _me(session: Session) -> Me:
    user = session.get_one(User, caller().user_id)
    return Me(username=user.username, name=user.name, role=user.role, status=presence.of(session, user.id))
