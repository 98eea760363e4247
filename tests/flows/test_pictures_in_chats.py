"""What an article shows in a chat arrives whole on each platform: on LINE with the words as one free reply."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from faq.models import Article, ArticlePicture
from tests import meta
from tests.meta import Person

FEE = "運費怎麼算"
SHOP = "https://shop.example"


@pytest.fixture
def graph():
    platform = meta.graph()
    yield platform
    platform.stop()


@pytest.fixture
def settings(settings, graph):
    return settings.model_copy(update=meta.settings_of(graph) | {"public_url": SHOP})


@pytest.fixture
def keys(current):
    """Of four pictures that the answer has."""
    with current.sessions.begin() as session:
        pictures = [ArticlePicture(name=f"步驟{number}", width=10, height=10) for number in range(4)]
        session.add_all(pictures)
        session.flush()
        first, *others = keys = [picture.key for picture in pictures]
        fee = update(Article).where(Article.intent == "shipping_fee")
        session.execute(fee.values(picture=first, more_pictures=others, card=None))
    return keys


def key_of(url):
    return urlsplit(url).path.rpartition("/")[2]


def test_on_line_four_pictures_and_the_words_are_one_free_reply(chen, line, work, keys):
    chen.writes(FEE)
    work()
    [call] = line.sends()
    *shown, said = call.body["messages"]
    assert call.path.endswith("/reply")
    assert [key_of(one["originalContentUrl"]) for one in shown] == keys
    assert all(one["originalContentUrl"].startswith(SHOP) for one in shown)
    assert "元" in said["text"]


def test_two_answers_on_line_show_as_many_as_leave_room_for_all_words_in_the_free_reply(chen, line, work, keys):
    chen.writes(f"{FEE}？另外有哪些付款方式？")
    work()
    [call] = line.sends()
    pictures = [one for one in call.body["messages"] if one["type"] == "image"]
    said = "".join(one["text"] for one in call.body["messages"] if one["type"] == "text")
    assert (len(pictures), len(call.body["messages"])) == (3, 5)
    assert "元" in said
    assert "ATM" in said


@pytest.mark.parametrize(("channel", "person"), [("messenger", {}), ("instagram", {"account": meta.SHOP})])
def test_on_meta_each_picture_is_a_message_of_its_own_before_the_words(client, graph, work, keys, channel, person):
    lin = Person(client, **person)
    lin.writes(FEE)
    work()
    messages = [call.body["message"] for call in graph.sends()]
    shown = [one["attachment"]["payload"]["url"] for one in messages if "attachment" in one]
    assert list(map(key_of, shown)) == keys
    assert "元" in messages[-1]["text"]
