"""Variables in answers, and Markdown that can do nothing but be read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq import drafts
from faq.articles import foreign, rendering, variables
from faq.articles.withheld import sentences


@pytest.mark.parametrize(
    ("text", "known", "reads"),
    [
        ("{order}已出貨", {"order": "GB1118"}, "GB1118已出貨"),
        ("{order}已出貨", {}, "您的訂單已出貨"),
        ("{order|這筆訂單}已出貨", {}, "這筆訂單已出貨"),
        ("{name}您好，{shop}收到了", {"shop": "鮮好團購"}, "您好，鮮好團購收到了"),
        ("詳見 {help}", {"help": "https://shop.example/help"}, "詳見 https://shop.example/help"),
        ("詳見 {help}", {"help": "javascript:alert(1)"}, "詳見 常見問題頁"),
        ("{name}您好", {"name": "{order}"}, "{order}您好"),
        ("{vip}您好", {}, "{vip}您好"),
    ],
)
def test_a_variable_is_filled_by_its_type_or_reads_as_its_author_wished(text, known, reads):
    assert variables.filled(text, known) == reads


def test_a_variable_that_nobody_knows_is_named_once():
    assert variables.unknown("{name} {level} {level} {到貨日:date} { 不是 }") == ["level", "到貨日:date"]


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[按](javascript:alert(1))",
        "![圖](data:text/html,x)",
        '<a href="https://x" onclick="x">',
        "[a](vbscript:x)",
    ],
)
def test_what_could_do_something_is_text(evil):
    page = rendering.page(evil)
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://x" onclick' not in page


@given(st.lists(st.text("a|\\", min_size=1)))
def test_a_list_in_a_table_is_read_as_it_was_written(parts):
    table = drafts.as_csv([{"external_id": "W1", "question": "運費？", "answers": ["80 元。"], "tags": parts}])
    [cells] = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    draft = drafts.check(1, cells)
    assert isinstance(draft, drafts.Draft), draft
    assert list(draft.content.tags) == parts


@given(st.text())
def test_any_text_is_a_page_without_scripts(text):
    assert "<script" not in rendering.page(text)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "一\n二 <b>粗</b> <br>",
            ["第 1 段第 2 行的「<b>」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。"],
        ),
        (
            "<!-- 內部 -->",
            ["第 1 段第 1 行的「<!--」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。"],
        ),
        *(
            (text, [f"第 1 段第 1 行的「{text}」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。"])
            for text in ("<!DOCTYPE html>", "<?php echo 1 ?>", "<![CDATA[x]]>", "<link>")
        ),
        ("<link href=x>", ["第 1 段第 1 行的「<link href=x>」會執行程式或嵌入別的東西，不能用，請刪掉。"]),
        (
            "一\n\n<div>\n<script>\nx()\n</script>",
            [
                "第 1 段第 3 行的「<div>」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。",
                "第 1 段第 4 行的「<script>」會執行程式或嵌入別的東西，不能用，請刪掉。",
            ],
        ),
        (
            "- 一\n  - <img src=x onerror=alert(1)>",
            ["第 1 段第 2 行的「<img src=x onerror=alert(1)>」會執行程式或嵌入別的東西，不能用，請刪掉。"],
        ),
        (
            "| 甲 |\n|---|\n| [乙](JavaScript:x) |",
            ["第 1 段第 3 行的連結「JavaScript:x」不能用：開頭要是 https://、http://、mailto: 或 tel:。"],
        ),
    ],
)
def test_html_and_links_that_lead_nowhere_are_named_with_their_line(written, told):
    assert [str(refused) for refused in foreign.faults(written, 1)] == told


@pytest.mark.parametrize(
    "written",
    [
        "1 < 2，3 > 2",
        "請填 <order-id> 和 <您的姓名>",
        "`<script>` 是程式",
        "```\n<iframe>\n```",
        "[說明](/help) [信](mailto:a@shop.example) <https://shop.example> https://shop.example/a?b=<c>",
    ],
)
def test_what_only_looks_like_it_is_left_alone(written):
    assert foreign.faults(written, 1) == []


def test_what_is_told_apart_of_a_passage_are_its_sentences():
    assert sentences(["賠償最多 5,000 元，好！\n超過要問主管"]) == ["賠償最多5000元", "超過要問主管"]
