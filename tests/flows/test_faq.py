"""Content: what editors import is checked row by row, and only what they put online is ever said."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli.root import Root
from bot.messages import Button
from bot.ports import Query
from faq import drafts
from faq.answers import PublishedAnswers
from faq.articles import variables
from faq.commands import faq as commands
from faq.demo import load_demo
from faq.models import Article
from tests import desk

pytestmark = pytest.mark.both_engines

FEE = {
    "external_id": "F1",
    "intent": "shipping_fee",
    "category": "shipping_fee_time",
    "question": "運費怎麼算？",
    "answers": ["{name}您好，運費 80 元。", "每筆 80 元喔。"],
    "buttons": ["離島可以送嗎"],
}
ISLANDS = {
    "external_id": "F2",
    "intent": "shipping_fee",
    "category": "shipping_fee_time",
    "question": "離島可以送嗎？",
    "answers": ["離島運費 150 元。"],
}


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop


@pytest.fixture
def session(shop):
    with shop.sessions() as session:
        yield session
        session.rollback()


def save(session, *entries, publish=True):
    return drafts.save(session, enumerate(entries, 1), publish=publish)


def answer(session, text="運費怎麼算", intent="shipping_fee", **more):
    return PublishedAnswers().find(session, Query(text, intent, **more))


def mends(saved):
    return [str(problem) for problem in saved.problems]


def test_the_customer_is_answered_by_name_with_the_buttons_of_the_article(session):
    save(session, FEE)
    found = answer(session, name="陳怡君")
    assert found.message.text == "陳怡君您好，運費 80 元。"
    assert found.message.buttons == (Button("離島可以送嗎", "離島可以送嗎"),)
    assert (found.source, found.version) == ("F1", 1)


def test_the_wording_changes_with_the_seed(session):
    save(session, FEE)
    assert {answer(session, seed=seed).message.text for seed in range(4)} == {"您好，運費 80 元。", "每筆 80 元喔。"}


def test_of_two_articles_of_an_intent_the_nearer_one_answers(session):
    save(session, FEE, ISLANDS)
    assert answer(session, "離島的運費呢").source == "F2"
    assert answer(session, "運費怎麼算").source == "F1"


def test_what_nobody_put_online_is_never_said(session):
    save(session, FEE, publish=False)
    assert answer(session) is None


def test_an_intent_without_an_article_has_no_answer(session):
    save(session, FEE)
    assert answer(session, intent="invoice_reissue") is None


@pytest.mark.parametrize(
    ("wording", "name", "said"),
    [
        ("{name}您好，運費 80 元", "", "您好，運費 80 元"),
        ("{name}，謝謝您", "", "謝謝您"),
        ("好的 {name}，馬上查", "", "好的馬上查"),
        ("{name}您好", "陳\n{name}", "陳 {name}您好"),
        ("{name}您好", "長" * 200, "長" * 20 + "您好"),
    ],
)
def test_a_name_fits_in_or_is_not_missed(wording, name, said):
    assert variables.filled(wording, {"name": name}) == said


def test_importing_twice_changes_nothing(session):
    save(session, FEE, ISLANDS)
    again = save(session, FEE, ISLANDS)
    assert (again.added, again.changed, again.unchanged, again.problems) == (0, 0, 2, [])


def test_a_new_text_raises_the_version(session):
    save(session, FEE)
    save(session, FEE | {"answers": ["運費 90 元。"]})
    assert (answer(session).version, answer(session).message.text) == (2, "運費 90 元。")


def test_a_draft_of_an_online_article_does_not_go_live_unasked(session):
    save(session, FEE)
    refused = save(session, FEE | {"answers": ["運費 1 元。"]}, publish=False)
    assert mends(refused) == ["第 1 列 external_id：這篇已經上線。要更新線上的內容，加上 --publish。"]
    assert "80" in answer(session).message.text


def test_drafts_go_online_with_publish(session):
    save(session, FEE, publish=False)
    assert save(session, FEE).changed == 1
    assert answer(session) is not None


def test_each_refused_row_names_its_field_and_mend_and_the_others_go_in(session):
    saved = save(
        session,
        {"question": "沒有編號？", "answer": "有"},
        {"external_id": "X", "question": "?"},
        FEE,
        FEE,
        ISLANDS | {"buttons": ["這個按鈕的文字實在太長了一點也不適合手機上看"]},
    )
    assert mends(saved) == [
        "第 1 列 external_id：沒有內容，補上再匯入。",
        "第 2 列 answer：沒有內容，補上要回覆顧客的文字。",
        "第 4 列 external_id：「F1」在這個檔案裡出現兩次，改成不同的編號。",
        "第 5 列 buttons：按鈕文字超過 20 個字，改短一點。",
    ]
    assert session.scalars(select(Article.external_id)).all() == ["F1"]


def test_an_answer_that_does_not_fit_in_a_message_is_refused(session):
    assert "LINE 一則放不下" in mends(save(session, FEE | {"answers": ["長" * 5001]}))[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950"])
def test_a_table_from_excel_is_read_in_the_encodings_of_taiwan(tmp_path, session, encoding):
    table = tmp_path / "faq.csv"
    table.write_text(
        'external_id,question,answer,answer_2,buttons\r\nT1,運費？,"80 元,含稅",八十元,查訂單|找真人\r\n',
        encoding=encoding,
        newline="",
    )
    saved = drafts.save(session, drafts.read(table), publish=True)
    article = session.scalars(select(Article)).one()
    assert (saved.added, article.wordings, article.buttons) == (1, ["80 元,含稅", "八十元"], ["查訂單", "找真人"])


def test_a_stray_comma_is_noticed_instead_of_cutting_the_answer(tmp_path, session):
    table = tmp_path / "faq.csv"
    table.write_text("external_id,question,answer\nT1,運費？,80 元,含稅\n", encoding="utf-8")
    assert "用雙引號包起來" in mends(drafts.save(session, drafts.read(table), publish=True))[0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("faq.txt", b"", "只收"),
        ("faq.yml", b"- [", "第 1 行"),
        ("faq.yml", b"just text", "要是清單"),
        ("faq.csv", b"a,b\n1,2\n", "欄位名稱"),
        ("faq.csv", b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(drafts.UnreadableFile, match=says):
        drafts.read(path)


def test_the_demo_has_its_articles_online_and_loads_again_without_harm(session):
    first, again = load_demo(session), load_demo(session)
    assert (first.problems, again.problems) == ([], [])
    assert first.added == again.unchanged >= 25


@pytest.fixture
def frontline(shop):
    """The command group, on this test's shop."""
    root = Root(prepare=lambda _: None, load_demo=lambda _: None, install=lambda _: shop)
    return lambda *words: CliRunner().invoke(commands, [str(word) for word in words], obj=root)


def test_an_editor_imports_a_file_and_finds_it(tmp_path, frontline):
    table = tmp_path / "faq.csv"
    table.write_text(
        "external_id,question,answer,category\nT1,運費怎麼算？,80 元,shipping_fee_time\n", encoding="utf-8"
    )
    assert frontline("import", table, "--publish").exit_code == 0
    found = json.loads(frontline("search", "運費", "--limit", 5, "--json").stdout)
    assert [(hit["external_id"], hit["question"]) for hit in found] == [("T1", "運費怎麼算？")]
    assert found[0]["score"] > 0


def test_refused_rows_are_on_standard_error_and_in_the_exit_status(tmp_path, frontline):
    table = tmp_path / "faq.csv"
    table.write_text("external_id,question,answer\nT1,,80 元\n", encoding="utf-8")
    outcome = frontline("import", table)
    assert (outcome.exit_code, outcome.stderr) == (1, "第 2 列 question：沒有問題，補上顧客會問的那一句。\n")


def test_a_missing_file_is_one_clear_line(tmp_path, frontline):
    outcome = frontline("import", tmp_path / "nowhere.csv")
    assert outcome.exit_code == 1
    assert "讀不到檔案" in outcome.stderr
