"""From the editor to the phone: the very next answer is what was just published, and the old one comes back."""

from sqlalchemy import select

from faq.models import Article
from tests.console import signed_in
from tests.content import FEE, Writer
from tests.unit.test_trees import TREE

NEW = "即日起本島運費一律 60 元。"


def asks(chen, line, work):
    chen.writes("運費怎麼算？")
    work()
    return line.said[-1]


def test_what_an_editor_changed_and_a_reviewer_approved_is_on_the_phone(app, current, chen, huang, line, work):
    editor, reviewer = (Writer(signed_in(app, current, f"{role}-1", role)) for role in ("editor", "reviewer"))
    with current.sessions() as session:
        article = session.scalars(select(Article).where(Article.external_id == "FAQ-001")).one()
    before = asks(chen, line, work)
    editor.does(article.id, "send", **FEE | {"question": article.question, "wording": [NEW]})
    reviewer.does(article.id, "approve")
    editor.does(article.id, "publish")
    assert asks(huang, line, work) == NEW
    editor.client.post(f"/content/articles/{article.id}/versions/1/restore")
    assert "80 元" in before
    assert "80 元" in asks(chen, line, work)


def test_a_customer_taps_his_way_through_a_tree_and_any_other_word_ends_it(app, current, chen, line, work):
    editor = Writer(signed_in(app, current, "editor-1", "editor"))
    with current.sessions() as session:
        article = session.scalars(select(Article).where(Article.external_id == "FAQ-001")).one()
    fields = FEE | {"question": article.question, "wording": ["看寄到哪裡。"]}
    reviewer = Writer(signed_in(app, current, "reviewer-1", "reviewer"))
    editor.does(article.id, "send", **fields, tree=TREE, tree_for="customers")
    reviewer.does(article.id, "approve")
    editor.does(article.id, "publish")
    assert asks(chen, line, work) == "看寄到哪裡。\n\n什麼時候收到的？"
    assert tells(chen, line, work, "七天內") == "商品拆封了嗎？"
    assert tells(chen, line, work, "沒有") == "可以\n幫顧客開退貨單。"
    asks(chen, line, work)
    assert tells(chen, line, work, "謝謝") != "商品拆封了嗎？"
    assert "商品拆封了嗎？" not in tells(chen, line, work, "七天內")


def tells(chen, line, work, text):
    chen.writes(text)
    work()
    return line.said[-1]
