"""Articles out into files and in again, the same; each refused row says where it is wrong, and the rest comes in."""

import csv
import io

import pytest
import yaml
from sqlalchemy import select

from bot.clock import now
from faq import drafts, training
from faq.articles import Passage, live
from faq.articles.versions import QUARTER
from faq.models import Article
from tests.content import ACCOUNT, FEE, said, words

WHOLE = {
    "external_id": "W1",
    "question": "賠償怎麼算？",
    "category": "complaint",
    "intent": "complaint_goods",
    "answers": ["{name}您好，我們查一下。", "馬上為您查。"],
    "buttons": ["找真人"],
    "page": ["## 怎麼算\n\n看商品。"],
    "internal": ["賠償最多談到五千元。"],
    "tags": ["賠償"],
    "tiers": ["VIP"],
    "valid_from": "2026-01-01",
    "valid_until": "2027-01-01",
}
PACKING = {
    "title": "代客包裝",
    "category": "shipping_fee_time",
    "risk": "low",
    "complexity": "simple",
    "level": "L3",
    "team": "frontline",
}


@pytest.mark.parametrize(("name", "text"), [("faq.yml", drafts.as_yaml), ("faq.csv", drafts.as_csv)])
def test_what_is_written_out_comes_in_unchanged(tmp_path, current, name, text):
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, WHOLE)], publish=True).problems == []
        path = tmp_path / name
        path.write_text(text(drafts.entries(session)), encoding="utf-8", newline="")
        again = drafts.save(session, drafts.read(path), publish=True)
    assert (again.unchanged, again.problems) == (1, [])


@pytest.mark.parametrize(("name", "text"), [("faq.yml", drafts.as_yaml), ("faq.csv", drafts.as_csv)])
def test_passages_for_customers_and_colleagues_in_turn_come_in_again_as_they_stood(tmp_path, current, name, text):
    passages = ["先看尺寸。", {"text": "超過三箱要問倉庫主管。", "internal": True}, {"text": "再選超商。"}]
    row = {"external_id": "W1", "question": "怎麼寄？", "answer": "請稍候。", "passages": passages}
    stood = (Passage("先看尺寸。"), Passage("超過三箱要問倉庫主管。", internal=True), Passage("再選超商。"))
    path = tmp_path / name
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, row)], publish=True).problems == []
        path.write_text(text(drafts.entries(session)), encoding="utf-8", newline="")
        again = drafts.save(session, drafts.read(path), publish=True)
        assert (again.unchanged, again.problems) == (1, [])
        assert live(session.scalars(select(Article)).one()).passages == stood
        if name == "faq.yml":
            [given] = [cells for _, cells in drafts.read(path)]
            moved = drafts.save(session, [(1, {**given, "passages": given["passages"][::-1]})], publish=True)
            assert (moved.changed, moved.problems) == (1, [])
            assert live(session.scalars(select(Article)).one()).passages == stood[::-1]


def test_each_refused_row_names_its_field_and_mend(current):
    rows = [
        WHOLE | {"answers": ["您的等級 {level}"]},
        WHOLE | {"external_id": "W2", "valid_from": "明天"},
        WHOLE | {"external_id": "W3", "internal": ["五千"]},
        WHOLE | {"external_id": "W4", "page": ["看表。", "尺寸<br>對照"], "internal": ["進價 <b>30</b> 元。"]},
        WHOLE | {"external_id": "W5", "question": "{order|訂單}運費多少？"},
        WHOLE | {"external_id": "W6", "internal": ["{level}的顧客可以再談。"]},
    ]
    with current.sessions.begin() as session:
        saved = drafts.save(session, enumerate(rows, 1), publish=True)
    assert [str(problem) for problem in saved.problems] == [
        "第 1 列 answer：沒有變數 {level}；可以用 {name}、{order}、{case}、{shop}、{help}。",
        "第 2 列 valid_from：「明天」不是日期，寫成 2026-12-31。",
        "第 3 列 internal：僅供內部的「五千」太短，送出時認不出來；寫成完整的句子。",
        "第 4 列 page：第 2 段第 1 行的「<br>」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。",
        "第 4 列 internal：第 1 段第 1 行的「<b>」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。",
        "第 5 列 question：問題裡不能用變數 {order}：它會照字面顯示。",
        "第 6 列 internal：沒有變數 {level}；可以用 {name}、{order}、{case}、{shop}、{help}。",
    ]


def test_a_table_keeps_bars_and_what_a_spreadsheet_would_run(tmp_path, current):
    row = WHOLE | {
        "question": "=1+1 可以嗎？",
        "answers": ["- 先拍照\n- 再告訴我們", "'=是"],
        "buttons": ["大|小"],
        "card_title": "尺寸",
        "card_buttons": ["看表 -> https://shop.example/?s=a|b", "選大|小"],
    }
    path = tmp_path / "faq.csv"
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, row)], publish=True).problems == []
        path.write_text(drafts.as_csv(drafts.entries(session)), encoding="utf-8", newline="")
        [_, cells] = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        assert not any(cell.startswith(("=", "-")) for cell in cells)
        again = drafts.save(session, drafts.read(path), publish=True)
    assert (again.unchanged, again.problems) == (1, [])


@pytest.mark.parametrize("column", ["answer-2", "answer_b", "answer_2 ", "Answer 2", "answered_by"])
def test_what_may_be_an_answer_is_neither_lost_nor_said_unasked(tmp_path, current, column):
    path = tmp_path / "faq.csv"
    path.write_text(f"external_id,question,answer,answer_2,{column}\nT1,運費？,80 元。,八十元。,免運\n")
    with current.sessions.begin() as session:
        saved = drafts.save(session, drafts.read(path), publish=True)
    assert [str(problem) for problem in saved.problems] == [
        f"第 2 列 answer：欄位「{column}」不認得：另一種說法寫 answer_2、answer_3，不是答案的換個名稱。"
    ]


def test_two_columns_of_one_name_lose_no_answer(tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text("external_id,question,answer,answer\nT1,運費？,80 元。,八十元。\n")
    with pytest.raises(drafts.UnreadableFile, match="有兩欄都叫「answer」"):
        drafts.read(path)


def test_what_would_change_for_whom_a_text_is_is_not_guessed(tmp_path, current):
    path = tmp_path / "faq.yml"
    rows = [
        "運費 80 元。",
        WHOLE | {"passages": [{"text": "賠償最多談到一萬元。", "audience": "internal"}]},
        WHOLE | {"external_id": "W2", "passages": [{"text": "賠償最多談到一萬元。", "internal": "no"}]},
        WHOLE | {"external_id": "W3", "tree": "# 一\n好嗎？\n- 好 -> 可以：說明書在盒子裡。", "tree_for": "customer"},
    ]
    path.write_text(yaml.safe_dump(rows, allow_unicode=True))
    with current.sessions.begin() as session:
        saved = drafts.save(session, drafts.read(path), publish=True)
        assert session.scalars(select(Article)).all() == []
    assert [str(problem) for problem in saved.problems] == [
        "第 1 列 external_id：這一項沒有欄位名稱，寫成 external_id: …、question: …、answers: …。",
        "第 2 列 passages：「audience」不認得：一段只寫 text，和 internal: true 或 false。",
        "第 3 列 passages：「no」不認得：一段只寫 text，和 internal: true 或 false。",
        "第 4 列 tree_for：「customer」不認得：給顧客走寫 customers，只給客服走就留空。",
    ]


def test_a_file_on_the_page_makes_drafts_and_a_line_for_each_refused_row(current, hsu):
    hsu.publishes(**FEE)
    rows = yaml.safe_dump([WHOLE | {"intent": "shipping_area"}, {"external_id": "X", "question": "?"}])
    page = hsu.client.post("/content/articles/import", data={"file": (io.BytesIO(rows.encode()), "mine.yml")})
    assert "新增 1 篇" in words(page)
    assert "第 2 列 answer：沒有內容" in words(page)
    assert said(current, intent="shipping_area", tier="VIP") == ""
    wrong = hsu.client.post("/content/articles/import", data={"file": (io.BytesIO(b""), "mine.pdf")})
    assert (wrong.status_code, "只收 .csv 和 .yml" in words(wrong)) == (409, True)
    assert "W1" in hsu.client.get("/content/articles/export?form=csv").get_data(as_text=True)


def test_an_operator_overwrites_what_is_live_and_whoever_writes_a_draft_keeps_it(current, hsu, ho):
    with current.sessions.begin() as session:
        drafts.save(session, [(1, WHOLE)], publish=True)
    hsu.saves(1, **FEE | {"wording": ["還在寫"]})
    with current.sessions.begin() as session:
        drafts.save(session, [(1, WHOLE | {"answers": ["新的。"]})], publish=True)
    assert said(current, intent="complaint_goods", tier="VIP") == "新的。"
    assert "還在寫" in words(hsu.opens(1))
    history = words(hsu.opens(1, "/history"))
    assert "系統或指令 由檔案匯入 第 2 版" in history
    ho.client.post("/content/articles/1/versions/1/restore")
    assert "查" in said(current, intent="complaint_goods", tier="VIP")


def test_why_a_row_or_a_file_was_refused_is_told_in_english_too(current, hsu):
    hsu.client.set_cookie("language", "en")
    rows = yaml.safe_dump([{"external_id": "X", "question": "?"}, WHOLE | {"valid_from": "soon"}])
    page = words(hsu.client.post("/content/articles/import", data={"file": (io.BytesIO(rows.encode()), "mine.yml")}))
    assert "Row 1, answer: There is no answer; add what" in page
    assert "Row 2, valid_from: “soon” is no date" in page
    wrong = hsu.client.post("/content/articles/import", data={"file": (io.BytesIO(b"- ["), "mine.yml")})
    assert "faq.yml: line 1 is no valid YAML" in words(wrong)


def test_a_row_whose_intent_nobody_knows_is_named(current):
    rows = [
        WHOLE | {"intent": "shiping_fee"},
        WHOLE | {"external_id": "W2"},
        WHOLE | {"external_id": "W3", "intent": ""},
    ]
    with current.sessions.begin() as session:
        own = training.make(session, by=None, **PACKING)
        more = WHOLE | {"external_id": "W4", "intent": own.name}
        saved = drafts.save(session, enumerate([*rows, more], 1), publish=True)
    assert [str(problem) for problem in saved.problems] == [
        "第 1 列 intent：沒有「shiping_fee」這個意圖，改成有的，或留空。"
    ]
    assert saved.articles == ["W2", "W3", "W4"]


def test_what_a_file_puts_online_is_read_again_in_a_quarter(current):
    with current.sessions.begin() as session:
        drafts.save(session, [(1, WHOLE)], publish=True)
        drafts.save(session, [(1, WHOLE | {"external_id": "W2"})], publish=False)
    with current.sessions() as session:
        days = [one.review_at for one in session.scalars(select(Article).order_by(Article.id))]
    assert days == [(now() + QUARTER).date(), None]


def test_what_somebody_reviews_no_file_changes(current, hsu, ho):
    with current.sessions.begin() as session:
        drafts.save(session, [(1, WHOLE)], publish=False)
    hsu.does(1, "send", **ACCOUNT)
    for move in ("", "approve"):
        if move:
            ho.does(1, move)
        with current.sessions.begin() as session:
            saved = drafts.save(session, [(1, WHOLE | {"answers": ["偷換的。"]})], publish=False)
        assert [str(one) for one in saved.problems] == ["第 1 列 external_id：這篇正在審核，先在頁面上決定。"]
