"""What the demo offers on its buttons, the bot must be able to answer."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot.messages import Inbound
from bot.models import Conversation
from bot.nlu.policy import load
from bot.ports import Query
from bot.services import Services
from bot.turn.judging import judge
from faq.models import Article
from tests.builders import Customer


def route_of(current: Services, conversation: Conversation, text: str) -> tuple[str, str]:
    judged = judge(current, conversation, set(), [Inbound(what="message", kind="text", text=text)])
    assert judged is not None
    return judged.decision.route, judged.decision.intent


def test_every_button_under_an_answer_leads_somewhere(chen: Customer, current: Services) -> None:
    chen.writes("你好")
    with current.sessions() as session:
        conversation = session.scalars(select(Conversation).options(joinedload(Conversation.contact))).one()
        buttons = sorted({button for article in session.scalars(select(Article)) for button in article.buttons})
    routes = {button: route_of(current, conversation, button) for button in buttons}
    with current.sessions() as session:
        unanswered = [
            button
            for button, (route, intent) in routes.items()
            if route == "auto" and current.wiring.answers.find(session, Query(button, intent)) is None
        ]
    assert buttons
    assert unanswered == []
    lost = [button for button, (route, _) in routes.items() if route == "clarify"]
    assert len(lost) <= len(buttons) // 10, lost


def test_every_clarifying_button_is_understood_without_guessing(chen: Customer, current: Services) -> None:
    chen.writes("你好")
    with current.sessions() as session:
        conversation = session.scalars(select(Conversation).options(joinedload(Conversation.contact))).one()
    for intent, own in load()[0].intents.items():
        assert route_of(current, conversation, own.title)[1] == intent


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("運費怎麼算？", "auto"),
        ("多久會到貨", "auto"),
        ("收到的烤箱玻璃破了", "hybrid"),
        ("小孩被燙到了", "human"),
        ("我要找真人", "human"),
        ("那個怎麼弄", "clarify"),
        ("今天天氣好嗎", "clarify"),
    ],
)
def test_what_the_simulator_suggests_does_what_it_says(
    chen: Customer, current: Services, text: str, route: str
) -> None:
    chen.writes("你好")
    with current.sessions() as session:
        conversation = session.scalars(select(Conversation).options(joinedload(Conversation.contact))).one()
    assert route_of(current, conversation, text)[0] == route
