"""The way of an article: drafted, reviewed by somebody else, live at once, rolled back; and nothing lost on it."""

import io
import re
from html import unescape

import pytest
import time_machine
from sqlalchemy import select

from bot.models import JournalEntry
from faq.articles import working
from faq.models import Article
from tests.content import ACCOUNT, FEE, answer, said, words
from tests.desk import AFTERNOON

HX = {"HX-Request": "true"}


def test_wording_of_high_risk_goes_live_only_after_somebody_else_approved_it(current, hsu, ho):
    article = hsu.begins()
    refused = hsu.does(article, "publish", **ACCOUNT)
    assert (refused.status_code, "現在不能這樣做" in words(refused)) == (409, True)
    hsu.does(article, "send", **ACCOUNT)
    assert hsu.client.post(f"/content/articles/{article}/decide", data={"move": "approve"}).status_code == 403
    assert "等審核或主管核准" in words(hsu.opens(article))
    ho.does(article, "approve")
    assert said(current, intent="change_bank_account") == ""
    hsu.does(article, "publish")
    assert said(current, intent="change_bank_account", name="陳怡君") == "陳怡君您好，運費 80 元。"


def test_who_wrote_it_cannot_approve_it_whoever_she_is(current, ho):
    article = ho.begins()
    page = ho.does(article, "send", **ACCOUNT)
    assert "要由另一位審核或主管核准" in words(page)
    assert ho.does(article, "approve").status_code == 409
    assert said(current, intent="change_bank_account") == ""


def test_what_is_reviewed_stays_as_it_is_until_it_is_taken_back(hsu, mei, ho):
    article = hsu.begins()
    hsu.does(article, "send", **ACCOUNT)
    refused = mei.saves(article, **ACCOUNT | {"wording": ["偷改"]})
    assert (refused.status_code, "正在審核" in words(refused)) == (409, True)
    by_itself = mei.saves(article, headers=HX, **ACCOUNT | {"wording": ["偷改"]})
    assert "正在審核" in words(by_itself)
    assert 'form="write" hidden>' in by_itself.get_data(as_text=True)  # there is one side alone
    hsu.does(article, "withdraw")
    assert mei.saves(article, **ACCOUNT | {"wording": ["再想想"]}).status_code == 302


def test_a_reviewer_says_what_to_change_and_sees_it_changed(current, hsu, ho):
    article = hsu.begins()
    hsu.does(article, "send", **ACCOUNT)
    assert "寫下要改什麼" in words(ho.does(article, "return"))
    ho.does(article, "return", said="「80 元」和條款不同")
    page = hsu.opens(article)
    assert "已退回" in words(page)
    assert "「80 元」和條款不同" in words(page)
    step = page.get_data(as_text=True).split("/settle")[0].rsplit("/", 1)[1]
    hsu.client.post(f"/content/articles/{article}/comments/{step}/settle", data={})
    assert "標示已修改" not in words(hsu.opens(article))
    hsu.does(article, "send", **ACCOUNT | {"wording": ["請到門市改。"]})
    ho.does(article, "approve")
    hsu.does(article, "publish")
    assert said(current, intent="change_bank_account") == "請到門市改。"


def test_a_new_text_is_the_very_next_answer_and_the_old_one_comes_back_with_a_click(current, hsu):
    article = hsu.publishes(**FEE)
    hsu.does(article, "publish", **FEE | {"wording": ["運費 90 元。"]})
    assert said(current) == "運費 90 元。"
    hsu.client.post(f"/content/articles/{article}/versions/1/restore")
    assert said(current) == "您好，運費 80 元。"
    history = words(hsu.opens(article, "/history"))
    assert "退回舊版並上線 第 1 版" in history
    assert "第 3 版" in history


def test_a_version_that_never_was_live_does_not_go_live_by_rolling_back(current, hsu):
    article = hsu.begins()
    hsu.does(article, "send", **ACCOUNT)
    refused = hsu.client.post(f"/content/articles/{article}/versions/1/restore")
    assert (refused.status_code, "沒有上線過" in words(refused)) == (409, True)
    assert said(current, intent="change_bank_account") == ""


def test_what_is_typed_survives_a_closed_browser_and_nobody_hears_it(current, hsu):
    article = hsu.publishes(**FEE)
    kept = hsu.saves(article, headers=HX, **FEE | {"wording": ["打到一半"]})
    assert "已自動儲存" in words(kept)
    assert f'value="{hsu.revision(article)}"' in kept.get_data(as_text=True)
    reopened = words(hsu.opens(article))
    assert "打到一半" in reopened
    assert "有草稿" in reopened
    assert said(current) == "您好，運費 80 元。"


def test_of_two_who_write_at_once_the_second_sees_both_and_nothing_is_lost(hsu, mei):
    article = hsu.publishes(**FEE)
    seen = hsu.revision(article)
    mei.saves(article, **FEE | {"wording": ["梅的字"]})
    by_itself = hsu.saves(article, seen=seen, headers=HX, **FEE | {"wording": ["徐的字"]})
    assert (by_itself.status_code, "mei 剛剛改過" in words(by_itself)) == (409, True)
    assert 'form="write" >' in by_itself.get_data(as_text=True)  # the way to both
    both = hsu.saves(article, seen=seen, **FEE | {"wording": ["徐的字"]})
    assert both.status_code == 409
    assert "<del>梅</del>的字" in both.get_data(as_text=True)
    assert "<ins>徐</ins>的字" in both.get_data(as_text=True)
    assert ">徐的字</textarea>" in both.get_data(as_text=True)
    assert ">梅的字</textarea>" in hsu.opens(article).get_data(as_text=True)


def on(page, times, *put_back):
    """The page, how often it was sent, and the same of those whose words were put back on it."""
    return {"sheet": " ".join(f"{page:016x}.{times}" for page, times in (*put_back, (page, times)))}


def text(current, article):
    with current.sessions() as session:
        return working(session.get_one(Article, article)).wordings


def test_who_never_heard_that_he_was_saved_is_told_of_no_conflict_with_himself(current, hsu):
    article = hsu.publishes(**FEE)
    seen = hsu.revision(article)
    for times, words_now in enumerate(("第一次", "第二次", "第三次"), 1):
        assert (
            hsu.saves(article, seen=seen, headers=HX, **FEE | {"wording": [words_now]}, **on(7, times)).status_code
            == 200
        )
    assert text(current, article) == ("第三次",)
    sent = hsu.client.post(
        f"/content/articles/{article}/move",
        data={"revision": seen, "move": "publish", **FEE, "wording": ["就這樣"], **on(7, 4)},
    )
    assert (sent.status_code, said(current)) == (302, "就這樣")


def test_what_the_page_sent_earlier_and_arrives_late_changes_nothing(current, hsu):
    article = hsu.publishes(**FEE)
    seen = hsu.revision(article)
    hsu.saves(article, seen=seen, **FEE | {"wording": ["後寫的"]}, **on(7, 2))
    for late in (1, 2):
        assert hsu.saves(article, seen=seen, **FEE | {"wording": ["先寫的"]}, **on(7, late)).status_code == 409
    assert text(current, article) == ("後寫的",)


@pytest.mark.parametrize(
    "sheet", [on(8, 9), {}, {"sheet": "7.9"}, {"sheet": f"{7:016x}.x"}, on(8, 1, (7, 9), *[(9, 9)] * 8)]
)
def test_another_page_of_his_own_is_somebody_else(current, hsu, sheet):
    article = hsu.publishes(**FEE)
    seen = hsu.revision(article)
    hsu.saves(article, seen=seen, **FEE | {"wording": ["那一頁"]}, **on(7, 1))
    assert hsu.saves(article, seen=seen, **FEE | {"wording": ["這一頁"]}, **sheet).status_code == 409
    assert text(current, article) == ("那一頁",)


def test_who_goes_on_elsewhere_with_what_the_browser_kept_is_told_of_no_conflict_with_himself(current, hsu):
    article = hsu.publishes(**FEE)
    seen = hsu.revision(article)
    for words_now, sheet in (("一", on(7, 3)), ("二", on(8, 1, (7, 3))), ("三", on(9, 1, (7, 3), (8, 1)))):
        assert hsu.saves(article, seen=seen, **FEE | {"wording": [words_now]}, **sheet).status_code == 302
    assert text(current, article) == ("三",)


def test_of_two_pages_with_the_same_words_put_back_neither_ever_writes_over_the_other(current, hsu):
    article = hsu.publishes(**FEE)
    for first, others in (
        (on(7, 4), [on(8, 1, (7, 3)), on(8, 2, (7, 3))]),  # the page that was open still
        (on(8, 3, (7, 4)), [on(7, 5), on(7, 6), on(9, 1, (7, 4))]),  # the one that its words were put back on
    ):
        seen = hsu.revision(article)
        assert hsu.saves(article, seen=seen, **FEE | {"wording": [str(first)]}, **first).status_code == 302
        for other in others:
            refused = hsu.saves(article, seen=seen, **FEE | {"wording": ["別的"]}, **other)
            assert (refused.status_code, text(current, article)) == (409, (str(first),))


def test_what_a_colleague_did_in_between_is_never_taken_for_ones_own(current, hsu, mei):
    article = hsu.publishes(**FEE)
    seen = hsu.revision(article)
    hsu.saves(article, seen=seen, **FEE | {"wording": ["徐的字"]}, **on(7, 1))
    assert mei.saves(article, seen=seen, **FEE | {"wording": ["梅的字"]}, **on(7, 2)).status_code == 409
    mei.does(article, "discard")
    assert hsu.saves(article, seen=seen, **FEE | {"wording": ["徐又寫"]}, **on(7, 3)).status_code == 409


def test_whoever_decides_decides_on_what_is_on_the_screen(hsu, mei):
    article = hsu.publishes(**FEE)
    hsu.saves(article, **FEE | {"wording": ["一"]})
    seen = hsu.revision(article)
    mei.saves(article, **FEE | {"wording": ["二"]})
    form = {"revision": seen, "move": "publish"}
    assert hsu.client.post(f"/content/articles/{article}/move", data=form).status_code == 409


def test_what_is_taken_off_is_said_no_more_until_who_decides_brings_it_back(current, hsu, ho):
    article = hsu.publishes(**FEE)
    hsu.does(article, "retire")
    assert said(current) == ""
    hsu.client.post(f"/content/articles/{article}/versions/1/restore")
    assert said(current) == ""
    ho.client.post(f"/content/articles/{article}/versions/1/restore")
    assert said(current) == "您好，運費 80 元。"


def test_a_draft_is_let_go_and_what_is_live_stays(current, hsu):
    article = hsu.publishes(**FEE)
    hsu.saves(article, **FEE | {"wording": ["不要了"]})
    hsu.does(article, "discard")
    assert "不要了" not in words(hsu.opens(article))
    assert said(current) == "您好，運費 80 元。"
    fresh = hsu.begins()
    hsu.does(fresh, "discard")
    assert hsu.opens(fresh).status_code == 404


def test_an_answer_counts_on_the_days_and_for_the_tiers_that_it_names(current, hsu):
    hsu.publishes(**FEE | {"valid_from": "2026-11-21", "valid_until": "2026-11-22", "tiers": "VIP"})
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        assert said(current) == ""
        assert said(current, tier="VIP")
        clock.shift(-86_400)
        assert said(current, tier="VIP") == ""
        clock.shift(3 * 86_400)
        assert said(current, tier="VIP") == ""


def test_the_list_finds_by_words_state_category_owner_and_what_is_due(current, hsu, mei):
    with time_machine.travel(AFTERNOON, tick=False) as clock:
        hsu.comes_back("hsu"), mei.comes_back("mei")
        hsu.publishes(**FEE)
        rate = mei.begins()
        mei.saves(rate, **ACCOUNT)

        def listed(**asked):
            return words(hsu.client.get("/content/articles", query_string=asked))

        assert "運費怎麼算？" in listed(q="運費")
        assert "怎麼改扣款帳戶？" not in listed(q="運費")
        assert "運費怎麼算？" in listed(q="80 元")
        assert "怎麼改扣款帳戶？" in listed(state="draft")
        assert "運費怎麼算？" not in listed(category="personal_data_change")
        assert "怎麼改扣款帳戶？" not in listed(owner=1)
        assert "沒有符合的文章" in listed(due=1)
        clock.shift(91 * 86_400)
        hsu.comes_back("hsu")
        assert "運費怎麼算？" in listed(due=1)


def test_who_took_it_over_and_put_off_its_review_is_kept(current, hsu):
    article = hsu.publishes(**FEE)
    for _ in range(2):  # what changes nothing is no step
        hsu.client.post(f"/content/articles/{article}/care", data={"owner": 0, "review_at": "2027-03-01"})
    page = words(hsu.opens(article))
    assert page.count("改了負責人或複查日") == 1
    with current.sessions() as session:
        [told] = session.scalars(select(JournalEntry.data).where(JournalEntry.kind == "article.cared"))
    assert told["after"] == {"owner": "", "review_at": "2027-03-01"}
    assert "2027-03-01" in hsu.opens(article).get_data(as_text=True)


def test_what_cannot_go_live_says_which_field_and_how_to_mend_it(current, hsu):
    article = hsu.begins()
    wrong = FEE | {"wording": ["您的 {vip_level} 好"], "valid_from": "2026-12-01", "valid_until": "2026-11-01"}
    refused = hsu.does(article, "publish", **wrong)
    assert refused.status_code == 409
    assert "短答 ：沒有變數 {vip_level}；可以用 {name}、{order}、{case}、{shop}、{help}。" in words(refused)
    assert "結束日在開始日之前" in words(refused)
    assert "您的 {vip_level} 好" in words(refused)
    assert said(current) == ""


def test_the_preview_shows_each_channel_and_no_script_comes_through(hsu):
    article = hsu.begins()
    page = "# 運費\n\n<script>alert(1)</script> <b onclick=x>粗</b> [按我](javascript:alert(1)) **80 元**"
    hsu.saves(article, **FEE, buttons="離島可以送嗎", passage=[page], audience=["customers"])
    shown = hsu.opens(article).get_data(as_text=True)
    assert '<div class="bubble">陳怡君您好，運費 80 元。</div>' in shown
    looks = shown.split('id="looks"')[1]
    assert "<h1>運費</h1>" in looks
    assert "<strong>80 元</strong>" in looks
    assert "<script>alert" not in looks
    assert "<b onclick" not in looks
    assert 'href="javascript' not in looks


def test_the_preview_says_how_it_reads_where_nothing_is_known_and_the_page_as_everybody_reads_it(hsu):
    article = hsu.begins()
    wording = ["{name}您好，{order|這筆訂單}看{case}。", "{name}您好，{shop}謝謝您。"]
    page = {"passage": ["{name}您好，{shop}的運費。"], "audience": ["customers"]}
    hsu.saves(article, **FEE | {"wording": wording}, **page)
    shown = words(hsu.opens(article))
    assert "陳怡君您好，GB1118看CS-261122-0001。 不知道是誰時：您好，這筆訂單看您的案件。" in shown
    assert shown.count("不知道是誰時") == 2  # on LINE and on Messenger, of the one wording where it matters
    assert "您好，鮮好團購的運費。" in shown
    assert "陳怡君您好，鮮好團購的運費。" not in shown


def test_a_refused_word_to_a_colleague_stays(hsu, ho):
    article = hsu.begins()
    hsu.does(article, "send", **ACCOUNT)
    refused = ho.does(article, "return", said="還要寫幾天到。", revision=0)
    assert (refused.status_code, "還要寫幾天到。</textarea>" in refused.get_data(as_text=True)) == (409, True)


def test_html_and_scripts_are_named_at_their_field_while_it_is_written_and_do_not_go_live(current, hsu):
    article = hsu.begins()
    written = ["運費\n<script>alert(1)</script>", "進價 <b>30</b> 元。"]
    pages = {"passage": written, "audience": ["customers", "internal"]}
    script = "第 1 段第 2 行的「<script>」會執行程式或嵌入別的東西，不能用，請刪掉。"
    bold = "第 2 段第 1 行的「<b>」是 HTML，會照字面顯示"
    kept = unescape(words(hsu.saves(article, **FEE, **pages, headers={"HX-Request": "true"})))
    assert f"長文 ：{script}" in kept
    assert f"僅供內部 ：{bold}" in kept
    refused = hsu.does(article, "publish", **FEE, **pages)
    told = unescape(words(refused))
    assert (refused.status_code, script in told, bold in told) == (409, True, True)
    assert "進價 &lt;b&gt;30&lt;/b&gt; 元。</textarea>" in refused.get_data(as_text=True)
    assert said(current) == ""


def test_letting_go_of_changes_does_not_make_another_author_of_what_never_was_live(ho):
    row = b"- {external_id: L1, question: '?', answer: x, intent: change_bank_account}"
    ho.client.post("/content/articles/import", data={"file": (io.BytesIO(row), "我的.yml")})
    ho.does(1, "discard")
    ho.does(1, "send", **ACCOUNT)
    assert ho.does(1, "approve").status_code == 409


def test_what_is_taken_offline_during_its_review_is_a_draft_that_goes_on(current, hsu, ho):
    article = hsu.publishes(**FEE)
    hsu.does(article, "send", **FEE | {"wording": ["新的一句。"]})
    hsu.does(article, "retire")
    page = hsu.opens(article)
    assert said(current) == ""
    assert "新的一句。" in words(page)
    assert 'value="send"' in page.get_data(as_text=True)
    assert hsu.does(article, "send").status_code == 200
    ho.does(article, "approve")
    hsu.does(article, "publish")
    assert said(current) == "新的一句。"


def test_letting_go_of_the_draft_of_what_was_taken_offline_leaves_it_offline(current, hsu):
    article = hsu.publishes(**FEE)
    hsu.does(article, "retire")
    hsu.saves(article, **FEE | {"wording": ["還在想"]})
    assert "已下架" in words(hsu.does(article, "discard"))
    assert said(current) == ""


def test_a_tag_may_have_signs_of_writing_within_it(current, hsu):
    article = hsu.begins()
    hsu.saves(article, **FEE, tags="退、換貨\n急, 優先", buttons="買一送一、限量？")
    with current.sessions() as session:
        said_now = working(session.get_one(Article, article))
    assert (said_now.tags, said_now.buttons) == (("退、換貨", "急, 優先"), ("買一送一、限量？",))
    page = hsu.opens(article).get_data(as_text=True)
    assert ">退、換貨\n急, 優先</textarea>" in page


def test_of_two_who_publish_at_once_one_does_and_the_other_is_told(current, hsu, mei):
    article = hsu.begins()
    hsu.saves(article, **FEE)
    seen = hsu.revision(article)
    assert hsu.does(article, "publish", revision=seen).status_code == 200
    late = mei.does(article, "publish", revision=seen)
    assert (late.status_code, "剛剛改過" in words(late)) == (409, True)
    with current.sessions() as session:
        assert answer(session).version == 1


def test_who_goes_back_to_the_page_sees_what_a_colleague_saved_and_not_what_his_browser_remembers(hsu, mei):
    article = hsu.begins()
    hsu.saves(article, **FEE | {"wording": ["我寫的。"]})
    mei.saves(article, **FEE | {"wording": ["同事後來寫的。"]})
    page = hsu.opens(article).get_data(as_text=True)
    assert "同事後來寫的。</textarea>" in page
    forms = re.findall(r"<form [^>]*data-typed=[^>]*>", page)
    assert len(forms) > 1
    assert [form for form in forms if 'autocomplete="off"' not in form] == []
