from hypothesis import given
from hypothesis import strategies as st

from faq.models import Article
from faq.search import tokens
from faq.search.ranking import fits


def article(external_id, question, *wordings):
    made = Article(external_id=external_id, question=question, wordings=list(wordings))
    made.read()
    return made


SHOP = [
    article("fee", "運費怎麼算？", "本島運費 80 元，滿 999 元免運。"),
    article("return", "商品可以退貨嗎？", "收到後七天內可以退貨，請聯絡客服。"),
    article("refund", "退款多久會入帳？", "退款約 7 到 14 個工作天入帳。"),
    article("track", "訂單現在到哪裡了？", "到會員中心的訂單查詢就看得到配送進度。"),
    article("line", "LINE Pay 可以分期嗎？", "LINE Pay 目前不提供分期。"),
]


def scores(query):
    return fits(query, [article.words for article in SHOP])


def best(query):
    return max(zip(scores(query), SHOP, strict=True), key=lambda scored: scored[0])[1].external_id


def test_a_customer_finds_the_article_by_other_words_around_the_same_core():
    assert best("請問你們運費是多少") == "fee"
    assert best("想問一下退款進度") == "refund"


def test_a_few_keywords_are_enough():
    assert best("退貨") == "return"
    assert best("訂單 進度") == "track"


def test_one_character_still_finds_something():
    assert max(scores("貨")) > 0


def test_simplified_writing_finds_the_traditional_article():
    assert best("订单到哪里了") == "track"


def test_width_and_case_do_not_matter():
    assert best("ｌｉｎｅ　ＰＡＹ") == "line"


def test_words_that_no_article_holds_score_nothing():
    assert set(scores("zzz 颱風")) == {0.0}


def test_a_character_counts_wherever_it_stands():
    """As the first of a pair, or as the last of a text; a Latin letter only by itself."""
    held, other = fits("久", ["多久 久 款多", "退款 款"])
    assert (held > 0, other) == (True, 0.0)
    assert fits("a 久", ["atm", "a"]) == [0.0, fits("a", ["atm", "a"])[1]]


def test_a_word_is_no_part_of_a_longer_one():
    pay, payment, other = fits("pay", ["line pay", "line payment", "款"])
    assert (pay > 0, payment, other) == (True, 0.0, 0.0)
    assert fits("です", ["ですか", "です"])[0] == 0.0


def test_what_nobody_has_read_holds_nothing():
    assert fits("退款", [None, "退款 款"])[0] == 0.0


def test_pairs_of_characters_do_not_cross_punctuation():
    assert "算本" not in tokens("怎麼算，本島")


@given(st.text())
def test_any_text_can_be_searched(query):
    assert len(scores(query)) == len(SHOP)
