"""The demo has an answer to everything that the bot answers by itself, and to what it offers on its buttons."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bot.matrix.policy import answered
from bot.messages import Inbound
from bot.models import Conversation
from bot.nlu.policy import load
from bot.ports import Query
from bot.services import Services
from bot.turn.judging import judge
from faq import drafts
from faq.articles import variables
from faq.demo import ARTICLES
from faq.models import Article
from faq.search.ranking import fits
from tests.builders import Customer

SHORT = 120  # characters; more is a wall of text in a chat


def route_of(current: Services, conversation: Conversation, text: str) -> tuple[str, str]:
    judged = judge(current, conversation, set(), [Inbound(what="message", kind="text", text=text)])
    assert judged is not None
    return judged.lead.decision.route, judged.lead.decision.intent


@pytest.fixture(scope="module")
def articles() -> list[drafts.Draft]:
    """The demo's articles, as their author wrote them."""
    checked = [drafts.check(row, cells) for row, cells in drafts.read(ARTICLES)]
    refused = [problem for one in checked if isinstance(one, list) for problem in one]
    assert refused == []
    return [one for one in checked if isinstance(one, drafts.Draft)]


def test_what_the_bot_answers_by_itself_has_an_article(articles: list[drafts.Draft]) -> None:
    assert sorted(answered(load()[0]) - {article.content.intent for article in articles}) == []


def test_articles_stand_in_the_category_of_their_intent(articles: list[drafts.Draft]) -> None:
    intents = load()[0].intents
    strays = [one.external_id for one in articles if intents[one.content.intent].category != one.content.category]
    assert strays == []


def test_answers_are_varied_and_short_as_in_a_chat(articles: list[drafts.Draft]) -> None:
    lone = [one.external_id for one in articles if len(set(one.content.wordings)) < 2]
    said = [(one.external_id, variables.filled(words, {})) for one in articles for words in one.content.wordings]
    long = [known for known, words in said if len(words) > SHORT]
    assert (lone, long) == ([], [])


def test_who_is_told_to_tap_for_a_person_finds_that_button(articles: list[drafts.Draft]) -> None:
    told = [one for one in articles if any("按「找真人」" in words for words in one.content.wordings)]
    assert told
    assert [one.external_id for one in told if "找真人" not in one.content.buttons] == []


def test_the_question_of_an_article_finds_it_among_those_of_its_intent(articles: list[drafts.Draft]) -> None:
    def found(one: drafts.Draft) -> str:
        rivals = [_article(other) for other in articles if other.content.intent == one.content.intent]
        scores = fits(one.content.question, [rival.words for rival in rivals])
        return rivals[scores.index(max(scores))].external_id

    assert [one.external_id for one in articles if found(one) != one.external_id] == []


def _article(one: drafts.Draft) -> Article:
    made = Article(external_id=one.external_id, question=one.content.question, wordings=list(one.content.wordings))
    made.read()
    return made


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
        ("我的訂單到哪了", "auto"),
        ("收到的烤箱玻璃破了", "hybrid"),
        ("小孩被燙到了", "human"),
        ("我要找真人", "human"),
        ("那個可以嗎", "clarify"),
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
