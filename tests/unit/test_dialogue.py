"""When a customer has not finished writing."""

import pytest

from bot.dialogue import choices, is_unfinished, replies, tapped, titles
from bot.matrix import HUMAN_WISH
from bot.nlu.policy import load


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "哈囉～",
        "請問",
        "您好,請問一下",
        "我想問",
        "因為",
        "昨天下單的那個",
        "hi!",
        "嗨嗨嗨",
        "我",
        "我的訂單",
        "有個問題",
    ],
)
def test_a_greeting_or_an_open_end_waits(text: str) -> None:
    assert is_unfinished(text)


@pytest.mark.parametrize(
    "text",
    [
        "運費怎麼算?",
        "你好 運費怎麼算",
        "我要找真人",
        "謝謝",
        "👍",
        "嗨" * 30 + "請問運費怎麼算",
        "嗨" * 5000,
        "我要退貨",
    ],
)
def test_a_question_does_not_wait_however_it_is_greeted(text: str) -> None:
    assert not is_unfinished(text)


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_every_language_has_every_phrase(language: str) -> None:
    assert replies(language)._phrases.keys() == replies("zh-TW")._phrases.keys()


@pytest.mark.parametrize("language", ["zh-TW", "en", "ja"])
def test_every_intent_has_words_of_its_own_on_a_button(language: str) -> None:
    words = titles(language)
    assert words.keys() == load()[0].intents.keys()
    assert len(set(words.values())) == len(words)
    assert all(len(word) <= 20 for word in words.values())


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_what_stands_on_a_button_is_understood_without_guessing(language: str) -> None:
    assert all(tapped(f" {words} ") == intent for intent, words in titles(language).items())
    assert tapped("運費怎麼算啊") == ""


def test_a_person_stands_last_among_the_choices() -> None:
    assert list(choices(["shipping_fee"], "zh-TW").items()) == [("運費怎麼算", "shipping_fee"), ("找真人", HUMAN_WISH)]
