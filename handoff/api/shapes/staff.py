"""Members of staff, teams, when people work, and who is there."""

from typing import Annotated

from pydantic import BaseModel, Field

from bot.api import Page
from bot.auth import ROLES
from bot.models import User
from bot.tongues import HOUSE, LANGUAGES
from handoff import presence
from handoff.api.shapes.base import Named, OneOf, Plain, Strict, like

Role = Annotated[str, OneOf(ROLES)]


class Staff(BaseModel):
    """A member of staff, or a program (`api-…`)."""

    model_config = like(username="wang", name="王志豪", role="agent", active=True, language="zh-TW")

    username: str
    name: str
    role: str
    active: bool
    language: str = Field(description="of letters and pushes; each chooses it on the pages")

    @classmethod
    def of(cls, user: User) -> "Staff":
        return cls(**{name: getattr(user, name) for name in cls.model_fields})


class StaffList(Page[Staff]):
    """Members of staff, newest first."""


class NewUser(Strict):
    """Somebody who signs in from now on."""

    model_config = like(username="liu", name="劉思妤", role="agent", password="a long password", language="en")

    username: Annotated[Named, Field(pattern=r"^[A-Za-z0-9._@-]+$")]
    name: Annotated[Plain, Field(min_length=1)]
    role: Role
    password: Annotated[str, Field(min_length=8, max_length=200)]
    language: Annotated[str, OneOf(tuple(LANGUAGES))] = HOUSE


class UserChange(Strict):
    """The role, and whether they are still (or again) with us; the name where it is another."""

    model_config = like(role="specialist", active=True, name="王志豪")

    role: Role
    active: bool
    name: Plain = ""


class Me(BaseModel):
    """As whom the caller acts, and whether cases may come to it."""

    model_config = like(username="api-0123456789ab", name="客服系統", role="specialist", status="online")

    username: str
    name: str
    role: str
    status: str = Field(description="online or away, as was chosen")


class Status(Strict):
    """Take cases, or take none for a while; online lasts 75 seconds unless said again."""

    model_config = like(status="online")

    status: Annotated[str, OneOf(presence.STATES)]
