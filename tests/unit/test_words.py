"""What a text can be found by, and what is marked in it."""

import pytest

from bot.language import excerpt, terms, words


def holds(text: str, query: str) -> bool:
    """As the indexes judge it: each term's tokens in a row, the last one begun if the term is open."""
    tokens = words(text).split()

    def at(place: int, term) -> bool:
        here = tokens[place : place + len(term.tokens)]
        same = here == list(term.tokens)
        return same or (term.open and bool(here) and here[0].startswith(term.tokens[0]))

    asked = terms(query)
    return bool(asked) and all(any(at(place, term) for place in range(len(tokens))) for term in asked)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我想退款，訂單 GB1118", "退款"),
        ("我想退款，訂單 GB1118", "想退款"),
        ("我想退款，訂單 GB1118", "gb11"),
        ("我想退款，訂單 GB1118", "ＧＢ１１１８ 退款"),
        ("请帮我退货", "退貨"),
        ("請幫我退貨", "退货"),
        ("退貨", "貨"),
        ("CS-261122-0004 的顧客", "cs 261122 0004"),
        ("Please refund me", "REFUND"),
        ("價格1200元", "1200"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, query: str) -> None:
    assert holds(text, query)


@pytest.mark.parametrize(
    ("text", "query"),
    [("退一下款", "退款"), ("我想退款", "退貨"), ("運費多少", "運費 退款"), ("退款", "，。!"), ("", "退")],
)
def test_what_is_not_said_is_not_found(text: str, query: str) -> None:
    assert not holds(text, query)


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("请帮我退货，谢谢", "退貨", ["退货"]),
        ("ＧＢ１１１８ 和 gb1118", "GB1118", ["ＧＢ１１１８", "gb1118"]),
        ("退款退款單", "退款單 退款", ["退款", "退款單"]),
        ("什麼都沒有", "退款", []),
    ],
)
def test_hits_are_marked_as_they_were_written(text: str, query: str, hits: list[str]) -> None:
    pieces = excerpt(text, query)
    assert [piece.text for piece in pieces if piece.hit] == hits
    assert "".join(piece.text for piece in pieces) == text


def test_an_excerpt_shows_the_first_hit_of_a_long_text() -> None:
    pieces = excerpt("很久以前" * 100 + "退款" + "之後" * 100, "退款")
    assert [piece.text for piece in pieces if piece.hit] == ["退款"]
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert len("".join(piece.text for piece in pieces)) < 100
