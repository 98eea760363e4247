"""Members of staff at the console, and what a page says to them."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from bot import conversations, people
from bot.auth import create_user
from bot.models import Conversation, User
from bot.services import Services
from tests.builders import DESTINATION

PASSWORD = "a long password"
HTMX = {"HX-Request": "true"}
PANE = HTMX | {"HX-Target": "pane"}


def words(answer: TestResponse) -> str:
    """The text of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def signed_in(app: Flask, current: Services, username: str, role: str) -> FlaskClient:
    """A new member of staff, signed in."""
    with current.sessions.begin() as session:
        create_user(session, username, username, role, PASSWORD)
    member = app.test_client()
    member.post("/sign-in", data={"username": username, "password": PASSWORD})
    return member


def user_id(current: Services, username: str) -> int:
    with current.sessions() as session:
        return user_id_in(session, username)


def user_id_in(session: Session, username: str) -> int:
    return session.scalars(select(User.id).where(User.username == username)).one()


def knows(session: Session, line_user: str, name: str) -> Conversation:
    """A conversation with a customer whose name we know."""
    account = people.account_id(session, "line", DESTINATION)
    contact = people.contact_id(session, account, line_user)
    found = conversations.conversation_id(session, account, "user", line_user, contact)
    conversation = session.get_one(Conversation, found)
    assert conversation.contact is not None
    conversation.contact.name = name
    return conversation


def trouble_count(page: TestResponse) -> str:
    """The number beside 系統異常 in the sidebar."""
    found = re.search(r'class="n bad">(\d+)<', page.get_data(as_text=True))
    return found[1] if found else ""
