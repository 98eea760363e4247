"""Before an article is live: would the bot answer with it, and does another one say the same already?"""

from typing import Any

import pytest

from tests import desk
from tests.content import FEE, Writer, words
from tests.fakes_nlu import knowing

HX = {"HX-Request": "true"}
KNOWN = {"運費": "shipping_fee", "付款": "payment_methods", "謝謝": "thanks_bye"}
DOUBTS = (("shipping_fee", 0.3), ("payment_methods", 0.25), ("cancel_order", 0.2))


@pytest.fixture(autouse=True)
def understanding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.Phrases, "parse", knowing(KNOWN, DOUBTS))


def asks(writer: Writer, article: int, *sentences: str) -> str:
    form = {"sentences": "\n".join(sentences)}
    return words(writer.client.post(f"/content/articles/{article}/ask", data=form, headers=HX))


def fee(**changes: Any) -> Any:
    """The article about fees, but for this."""
    return FEE | changes


def drafts(writer: Writer, **changes: Any) -> int:
    """An article that nobody has published."""
    article = writer.begins()
    writer.saves(article, **fee(**changes))
    return article


def test_each_sentence_tells_what_the_bot_would_do_were_the_draft_live(hsu: Writer) -> None:
    article = drafts(hsu)
    told = asks(hsu, article, "運費怎麼算", "有哪些付款方式", "", "那個可以嗎", "我要找真人", "運費怎麼算")
    assert "1／4 句會用這篇回答" in told
    assert "運費怎麼算 會用這篇" in told
    assert "有哪些付款方式 不是這篇" in told
    assert "沒有上線的文章回答這個意圖，會轉給專人" in told
    assert "那個可以嗎 反問" in told
    assert "我要找真人 直接找真人" in told
    page = hsu.client.post(f"/content/articles/{article}/ask", data={"sentences": "運費怎麼算"})
    assert "1／1 句會用這篇回答" in words(page)  # also where no JavaScript runs
    assert ">運費怎麼算</textarea>" in page.get_data(as_text=True)


def test_of_several_articles_of_an_intent_the_one_that_would_answer_is_named(hsu: Writer) -> None:
    hsu.publishes(**fee(question="離島運費怎麼算？", wording=["離島 200 元。"]))
    article = drafts(hsu, question="冷凍宅配的運費？", wording=["冷凍 150 元。"])
    told = asks(hsu, article, "冷凍的運費多少", "寄離島的運費多少")
    assert "1／2 句會用這篇回答" in told
    assert "會回答的是 離島運費怎麼算？" in told
    hsu.does(article, "publish", **fee(question="冷凍宅配的運費？", wording=["冷凍 150 元。"]))
    hsu.saves(article, **fee(question="寄離島和冷凍的運費多少？", wording=["看寄到哪裡。"]))
    assert "2／2 句會用這篇回答" in asks(
        hsu, article, "冷凍的運費多少", "寄離島的運費多少"
    )  # the draft, not what is live


def test_what_the_bot_cannot_say_is_told_and_strange_input_is_refused(hsu: Writer) -> None:
    article = drafts(hsu, intent="")
    assert "這篇還沒有選意圖" in asks(hsu, article, "運費怎麼算")
    assert "這篇還沒有短答" in asks(hsu, drafts(hsu, wording=[]), "運費怎麼算")
    assert "「長長長長長長長長長長長長…」超過 1000 個字，寫短一點再問。" in asks(hsu, article, "長" * 1001)


def test_who_asks_nothing_asks_the_question_of_the_article(hsu: Writer) -> None:
    article = hsu.begins()
    assert "先寫下顧客會怎麼問。" in asks(hsu, article, "", "  ")
    hsu.saves(article, **fee(question="運費怎麼算？"))
    assert "1／1 句會用這篇回答 運費怎麼算？ 會用這篇" in asks(hsu, article, "", "  ")


def test_nobody_is_told_of_fewer_sentences_than_he_asked(hsu: Writer) -> None:
    article = drafts(hsu)
    many = [f"運費第 {n} 句" for n in range(21)]
    assert "／20 句會用這篇回答" in asks(hsu, article, *many[:20], *many[:20])
    told = asks(hsu, article, *many)
    assert "一次最多問 20 句，現在有 21 句。分幾次問。" in told
    assert "句會用這篇回答" not in told
    whole = hsu.client.post(f"/content/articles/{article}/ask", data={"sentences": "\n".join(many)})
    assert (whole.status_code, "現在有 21 句" in words(whole)) == (409, True)  # where no JavaScript runs


def similar(writer: Writer, article: int) -> str:
    return words(writer.opens(article)).partition("上線前檢查")[2]


def test_who_writes_what_is_there_already_is_told_and_kept_from_nothing(hsu: Writer) -> None:
    known = hsu.publishes(**fee(question="換貨要自己付運費嗎？"))
    assert "問的很像" not in similar(hsu, known)  # it is not like itself
    article = drafts(hsu, question="換貨要自己付運費？")
    assert "和「換貨要自己付運費嗎？」問的很像" in similar(hsu, article)
    assert f'href="/content/articles/{known}">看那一篇' in hsu.opens(article).get_data(as_text=True)
    assert hsu.does(article, "publish", **fee(question="換貨要自己付運費？")).status_code == 200
    for other in (
        {"question": "怎麼預約到府收件？"},
        {"question": "換貨要自己付運費？", "language": "en"},
        {"question": ""},
    ):
        assert "問的很像" not in similar(hsu, drafts(hsu, **other))


def test_it_is_told_with_every_pause_of_who_types(hsu: Writer) -> None:
    hsu.publishes(**fee(question="換貨要自己付運費嗎？"))
    article = hsu.begins()
    assert "問的很像" in words(hsu.saves(article, headers=HX, **fee(question="換貨要自己付運費嗎")))


def test_it_is_looked_for_anew_only_where_the_question_changed(hsu: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    hsu.publishes(**fee(question="換貨要自己付運費嗎？"))
    searched: list[str] = []
    monkeypatch.setattr("faq.writing.alike.search", lambda _, question, limit: searched.append(question) or [])
    article, asked = hsu.begins(), "換貨要自己付運費？"
    for changes, again in (({}, True), ({}, False), ({"question": "可以自取？"}, True), ({"language": "en"}, True)):
        seen, sought = hsu.revision(article), f"zh-TW {asked}" if searched else ""
        searched.clear()
        form = fee(**{"question": asked, "sought": sought} | changes)
        kept = hsu.saves(article, seen=seen, headers=HX, **form).get_data(as_text=True)
        assert searched == [form["question"]] * again
        assert ('id="akin" hx-preserve' in kept, 'id="alike"' in kept) == (not again, again)
