"""When a customer has not finished writing."""

import pytest

from bot.dialogue import is_unfinished, replies


@pytest.mark.parametrize(
    "text", ["你好", "哈囉～", "請問", "您好,請問一下", "我想問", "因為", "昨天下單的那個", "hi!", "嗨嗨嗨"]
)
def test_a_greeting_or_an_open_end_waits(text: str) -> None:
    assert is_unfinished(text)


@pytest.mark.parametrize(
    "text", ["運費怎麼算?", "你好 運費怎麼算", "我要找真人", "謝謝", "👍", "嗨" * 30 + "請問運費怎麼算", "嗨" * 5000]
)
def test_a_question_does_not_wait_however_it_is_greeted(text: str) -> None:
    assert not is_unfinished(text)


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_every_language_has_every_phrase(language: str) -> None:
    assert replies(language)._phrases.keys() == replies("zh-TW")._phrases.keys()
