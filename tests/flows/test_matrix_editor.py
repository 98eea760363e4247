"""The policy in the hands of content staff: drafted, tried on what customers really wrote, published, taken back."""

import html
import re

import pytest
from sqlalchemy import select

import webhook_app
from bot import auth, db, journal
from bot.clock import now
from bot.matrix import answered
from bot.models import JournalEntry, PolicyVersion, Release
from bot.nlu import heldout, overlay, policy
from bot.nlu.release import train_shipped
from bot.nlu.verdict import reach
from faq import drafts, policies
from faq.models import PolicyDraft, PolicyTrial
from faq.policies import trials, trying
from tests import desk, teaching
from tests.fakes_nlu import knowing

PASSWORD = "correct horse"
MATRIX = "/content/matrix"
PERSON = "轉真人"
CANCEL = "intents.cancel_how.complexity"


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop, teaching.little_to_learn(tmp_path):
        train_shipped(shop.settings, shop.sessions)
        with shop.sessions.begin() as session:
            for role in ("editor", "reviewer"):
                auth.create_user(session, role, role, role, PASSWORD)
        yield shop
    policy.follow(shop.sessions)


def look(shop, ask):
    """What somebody reads in the database now."""
    with db.reading(shop.sessions) as session:
        return ask(session)


def every(shop, kind):
    return look(shop, lambda session: session.scalars(select(kind).order_by(kind.id)).all())


@pytest.fixture
def app(shop):
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def member(app, role):
    browser = app.test_client()
    browser.post("/sign-in", data={"username": role, "password": PASSWORD})
    return browser


@pytest.fixture
def editor(app):
    return member(app, "editor")


@pytest.fixture
def reviewer(app):
    return member(app, "reviewer")


def seen(browser):
    """What stands in the form of whoever opens the page now."""
    page = browser.get(MATRIX).get_data(as_text=True)
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("revision", "base")}
    return {name: html.unescape(match[1]) for name, match in found.items() if match}


def sends(browser, deed="", **form):
    """A form that was opened just before, or earlier, where it says so."""
    fields = {name.replace("__", "."): value for name, value in form.items()}
    answer = browser.post(f"{MATRIX}{deed}", data={**seen(browser), **fields}, follow_redirects=True)
    return answer.get_data(as_text=True)


def said(shop, *texts, taken_back=()):
    """Messages of a customer that the bot decided on; their ids."""
    with shop.sessions.begin() as session:
        conversation = desk.customer(session)
        found = [desk.writes(session, conversation, text) for text in texts]
        for number, message in enumerate(found):
            about = {"conversation_id": conversation.id, "message_id": message.id}
            journal.write(session, "turn.decided", **about, route="human")
            message.unsent_at = now() if number in taken_back else None
        return [message.id for message in found]


def tried(shop):
    """The builder does its work."""
    policies.run(every(shop, PolicyTrial)[-1].id)
    return every(shop, PolicyTrial)[-1]


def look_again(monkeypatch):
    """A second is over: whoever asks looks at the newest version."""
    monkeypatch.setattr(policy, "CHECK_SECONDS", 0.0)


def test_from_draft_over_trial_to_every_process_and_back(shop, editor, reviewer, monkeypatch):
    said(shop, PERSON)
    assert "已儲存草稿，開始試跑" in sends(editor, "/try", intents__want_human__level="L2", days="7")
    assert "試跑中" in editor.get(MATRIX).get_data(as_text=True)
    assert tried(shop).report["moves"] == {"handed>handed": 1}
    page = editor.get(MATRIX).get_data(as_text=True)
    assert "1 則會不同" in page
    look_again(monkeypatch)
    assert policy.load()[0].intents["want_human"].level == "L3"
    assert "已上線" in sends(reviewer, "/publish", note="VIP 檔期")
    assert policy.load()[0].intents["want_human"].level == "L2"
    assert policy.version() == 1
    assert "已回復" in sends(reviewer, "/restore", version=0, seen=1)
    assert policy.load()[0].intents["want_human"].level == "L3"
    told = [entry for entry in every(shop, JournalEntry) if entry.kind == "policy.published"]
    assert [(one.data["before"], one.data["after"]) for one in told] == [
        ({"intents.want_human.level": "L3"}, {"intents.want_human.level": "L2"}),
        ({"intents.want_human.level": "L2"}, {"intents.want_human.level": "L3"}),
    ]


def test_a_draft_that_was_not_tried_is_not_published(shop, editor, reviewer):
    sends(editor, matrix__low_complex="human")
    assert "先試跑" in sends(reviewer, "/publish")
    assert every(shop, PolicyVersion) == []


def test_nor_is_one_that_was_changed_after_its_trial(shop, editor, reviewer):
    sends(editor, "/try", matrix__low_complex="human")
    tried(shop)
    sends(editor, matrix__low_complex="review")
    assert "先試跑" in sends(reviewer, "/publish")


def test_nor_is_one_that_was_tried_beside_another_release(shop, editor, reviewer):
    sends(editor, "/try", matrix__low_complex="human")
    assert tried(shop).release_id == 1
    assert policies_vouch(shop)
    with shop.sessions.begin() as session:
        session.add(Release(digest="other", learned="other", activated_at=now()))
    assert not policies_vouch(shop)
    assert "先試跑" in sends(reviewer, "/publish")


def policies_vouch(shop):
    trial = look(shop, lambda session: policies.tried(session, policies.working(session)))
    return trial is not None and trial.report["passed"]


def must_reach_a_person(text, category):
    """A test message of high risk, which no rule nor word tells."""
    line = f"- {{text: {text}, category: {category}, risk: high, route: human}}\n"
    (heldout.TESTS / "heldout-2.yml").write_text(line, "utf-8")


def test_a_riskier_draft_is_refused_with_the_messages_that_get_worse(shop, editor, reviewer):
    """No customer has written lately: what was looked at is what releases are judged by, too."""
    must_reach_a_person("收到的荔枝有瑕疵", "damaged_or_defective")
    sends(editor, "/try", matrix__low_complex="auto")
    report = tried(shop).report
    assert (report["looked_at"], report["passed"]) == (0, False)
    assert {check["name"] for check in report["checks"] if not check["passed"]} >= {"high_risk_answered"}
    page = sends(reviewer, "/publish")
    assert "這份草稿比線上冒險，不能上線" in page
    assert "收到的荔枝有瑕疵" in page
    assert "線上「先收集再轉」，草稿「自動回答」" in page
    assert "高風險卻自動回答" in page
    assert every(shop, PolicyVersion) == []
    assert policy.load()[0].matrix.low_complex == "hybrid"


def test_in_english_too(shop, editor):
    must_reach_a_person("收到的荔枝有瑕疵", "damaged_or_defective")
    sends(editor, "/try", matrix__low_complex="auto")
    tried(shop)
    editor.post("/language", data={"language": "en"})
    page = editor.get(MATRIX).get_data(as_text=True)
    assert "Riskier than what is live, so it cannot be published" in page


def test_a_more_careful_draft_goes_live(shop, editor, reviewer):
    """It answers nothing any more: a release that did would be refused."""
    must_reach_a_person("收到的荔枝有瑕疵", "damaged_or_defective")
    sends(editor, "/try", matrix__low_simple="human", thresholds__persons="0.5", thresholds__care="0.3")
    assert tried(shop).report["passed"]
    assert "不比線上冒險。考題 5 則" in editor.get(MATRIX).get_data(as_text=True)
    assert "已上線" in sends(reviewer, "/publish")


def test_the_trial_tells_how_far_it_is_while_it_judges(shop, editor, monkeypatch):
    reached = []
    monkeypatch.setattr(trying, "TOLD_EVERY", 0.0)
    monkeypatch.setattr(trials, "reach", lambda *_, done, whole, **__: reached.append((done, whole)))
    said(shop, PERSON)
    sends(editor, "/try", matrix__low_complex="human")
    tried(shop)
    assert reached == [(done, 9) for done in range(1, 10)]


def test_a_trial_of_before_the_gate_vouches_for_nothing(shop, editor, reviewer):
    sends(editor, "/try", matrix__low_complex="human")
    tried(shop)
    with shop.sessions.begin() as session:
        session.scalars(select(PolicyTrial)).one().report = {"looked_at": 0, "moves": {}, "differing": 0, "rows": []}
    assert "先試跑" in sends(reviewer, "/publish")


def test_an_editor_drafts_and_somebody_else_publishes(editor):
    sends(editor, matrix__low_complex="human")
    assert editor.post(f"{MATRIX}/publish", data={"revision": 1}).status_code == 403


@pytest.mark.parametrize(
    ("form", "why", "field"),
    [
        ({"matrix__high_simple": "auto"}, "高風險的訊息不能由機器人直接回答", "matrix.high_simple"),
        (
            {"intents__loan_rejected__risk": "low", "intents__loan_rejected__complexity": "simple"},
            "「借款為什麼沒過」是高風險",
            "intents.loan_rejected.risk",
        ),
        ({"signals__zh-TW__injury__risk": "low"}, "這是危險用語，風險不能調低", "signals.zh-TW.injury.risk"),
        ({"signals__zh-TW__injury__any": "骨折"}, "出廠的危險用語，只能加字", "signals.zh-TW.injury.any"),
        ({"thresholds__care": "很高"}, "0 到 1 之間的數字", "thresholds.care"),
        ({"intents__shipping_fee__title": ""}, "要有 1 到 20 個字", "intents.shipping_fee.title"),
        ({"intents__shipping_fee__title": "找真人客服"}, "另一個意圖的按鈕也寫", "intents.shipping_fee.title"),
        ({"intents__shipping_fee__team": "nobody"}, "沒有「nobody」這個團隊", "intents.shipping_fee.team"),
        ({"intents__shipping_fee__needs": "shoe_size"}, "不認得要收集的「shoe_size」", "intents.shipping_fee.needs"),
        ({"signals__en__injury__any": "x"}, "太短", "signals.en.injury.any"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_is_neither_tried_nor_lost(shop, editor, form, why, field):
    page = sends(editor, "/try", **form)
    assert why in page
    assert f'id="why-{field}"' in page
    assert every(shop, PolicyTrial) == []
    assert len(every(shop, PolicyDraft)) == 1


def test_a_rule_may_neither_answer_danger_nor_leave_it_out(shop, editor):
    rows = overlay.fields(*policy.files())["overrides"]
    form = {f"overrides[{n}].{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    gone = {**form, "overrides[0].gone": "1"}
    assert "「安全事件」一律由專人處理" in sends(editor, **gone)
    first = {"place": "0", "category": "safety_incident", "route": "auto", "level": "L1", "priority": "high"}
    form |= {f"overrides[20].{name}": value for name, value in {**first, "reason": "測試"}.items()}
    page = sends(editor, **form)
    assert "是高風險，這樣改會變成機器人直接回答" in page
    assert 'id="why-overrides[0].' in page


def changes(shop):
    [kept] = every(shop, PolicyDraft)
    return kept.changes


def test_two_editors_do_not_overwrite_each_other(shop, editor, reviewer):
    """Who was slower sees both versions; to save again is refused again, and to put them together loses neither."""
    begun = seen(reviewer)
    sends(editor, matrix__low_complex="human", thresholds__care="0.7")
    mine = {**begun, "thresholds__care": "0.6", "thresholds__persons": "0.9", "matrix__low_complex": "hybrid"}
    for _ in range(2):
        page = sends(reviewer, **mine)
        assert "editor 剛剛也改了草稿" in page
        assert 'name="thresholds.care" value="0.6"' in page  # what was typed stays
        assert f'name="revision" value="{begun["revision"]}"' in page
        assert "<td>0.7</td><td>0.6</td><td><b>0.6</b></td>" in page
        assert "<td>立刻轉專人</td><td>收資料，再轉專人</td><td><b>立刻轉專人</b></td>" in page
        assert changes(shop) == {"matrix.low_complex": "human", "thresholds.care": "0.7"}
    theirs = re.search(r'name="over" value="(\d+)"', page)
    assert "已儲存草稿" in sends(reviewer, **mine, over=theirs[1])
    assert changes(shop) == {"matrix.low_complex": "human", "thresholds.care": "0.6", "thresholds.persons": "0.9"}


def test_nor_where_a_third_was_quicker_than_who_put_both_together(shop, editor, reviewer):
    begun = seen(reviewer)
    sends(editor, thresholds__care="0.7")
    theirs = seen(editor)["revision"]
    sends(editor, thresholds__care="0.8")
    assert "剛剛也改了草稿" in sends(reviewer, **begun, thresholds__persons="0.9", over=theirs)
    assert changes(shop) == {"thresholds.care": "0.8"}


def test_a_draft_that_was_thrown_away_and_begun_anew_is_another_one(shop, editor, reviewer):
    sends(editor, thresholds__care="0.7")
    begun = seen(reviewer)
    sends(editor, "/discard")
    sends(editor, thresholds__care="0.8")
    assert "剛剛也改了草稿" in sends(reviewer, **begun, thresholds__persons="0.9")
    assert "剛剛也改了草稿" in sends(reviewer, "/discard", **begun)
    assert "草稿剛剛又改了" in sends(reviewer, "/publish", **begun)
    assert changes(shop) == {"thresholds.care": "0.8"}


def test_a_form_of_before_another_policy_counted_is_not_taken_for_a_draft(shop, editor, reviewer):
    begun = seen(editor)
    sends(reviewer, "/try", thresholds__care="0.7")
    tried(shop)
    sends(reviewer, "/publish")
    assert "剛剛也改了草稿" in sends(editor, **begun, thresholds__persons="0.9")
    assert every(shop, PolicyDraft) == []


def test_of_two_who_publish_at_once_the_second_sees_that_it_is_done(shop, editor, reviewer):
    sends(editor, "/try", thresholds__care="0.7")
    tried(shop)
    begun = seen(reviewer)
    assert "已上線" in sends(reviewer, "/publish", **begun)
    assert "草稿剛剛又改了" in sends(reviewer, "/publish", **begun)
    assert "別人剛剛上線了另一版" in sends(reviewer, "/restore", version=0, seen=0)
    assert len(every(shop, PolicyVersion)) == 1


def test_a_draft_can_be_thrown_away(shop, editor):
    sends(editor, matrix__low_complex="human")
    assert "已捨棄草稿" in sends(editor, "/discard")
    assert every(shop, PolicyDraft) == []


def test_the_trial_tells_message_by_message_what_would_be_different(shop, editor):
    asked, *_ = said(shop, "我要投訴你們 0912345678", "我要投訴你們 0912345678", PERSON, taken_back={1})
    sends(editor, "/try", **{"intents__complaint_service__team": "returns"})
    report = tried(shop).report
    assert report["looked_at"] == 2  # what was taken back is read no more
    page = editor.get(MATRIX).get_data(as_text=True)
    shown = {row["message"] for row in report["rows"]}
    assert shown <= {asked}
    assert "0912345678" not in page


def test_a_trial_that_leaves_messages_out_says_so(shop, editor, monkeypatch):
    said(shop, PERSON, PERSON)
    for most, cut in ((2, False), (1, True)):
        monkeypatch.setattr(trying, "MOST", most)
        sends(editor, "/try", intents__want_human__level="L2")
        report = tried(shop).report
        assert (report["looked_at"], report["cut"]) == (most, cut)
        assert ("只試了最新的這些" in editor.get(MATRIX).get_data(as_text=True)) is cut


def test_what_has_no_published_answer_goes_to_a_person_in_a_trial_as_in_a_turn(shop, editor, monkeypatch):
    monkeypatch.setattr(desk.Phrases, "parse", knowing({"運費": "shipping_fee"}))
    said(shop, "運費怎麼算")
    fee = {"external_id": "F", "question": "運費？", "answer": "80 元", "intent": "shipping_fee"}
    moves = []
    for tiers in (None, "VIP", ""):
        if tiers is not None:
            with shop.sessions.begin() as session:
                assert drafts.save(session, [(1, fee | {"tiers": tiers})], publish=True).problems == []
        sends(editor, "/try", matrix__low_simple="human")
        moves.append(tried(shop).report["moves"])
        assert ("沒有已上線的答案" in editor.get(MATRIX).get_data(as_text=True)) is (tiers != "")
    assert moves == [{"handed>handed": 1}, {"handed>handed": 1}, {"answered>handed": 1}]


def test_what_is_not_our_business_is_declined_in_published_words_in_a_trial_too(shop, editor, monkeypatch):
    monkeypatch.setattr(desk.Phrases, "parse", knowing({"天氣": "out_of_scope"}))
    said(shop, "明天天氣如何")
    sends(editor, "/try", thresholds__care="0.7")
    assert tried(shop).report["moves"] == {"asked>asked": 1}
    words = {"external_id": "O", "question": "別的事", "answer": "這不是我們的事。", "intent": "out_of_scope"}
    with shop.sessions.begin() as session:
        assert drafts.save(session, [(1, words)], publish=True).problems == []
    sends(editor, "/try", thresholds__care="0.7")
    assert tried(shop).report["moves"] == {"answered>answered": 1}


def test_what_is_tried_counts_nowhere_else(shop, editor):
    drafted = policy.made({"intents.want_human.team": "care"})
    engine = desk.Phrases()
    with policy.on_trial(drafted):
        assert reach(engine, PERSON).lead.decision.team == "care"
    assert reach(engine, PERSON).lead.decision.team == "frontline"


def test_a_trial_that_breaks_says_so_and_one_whose_worker_died_is_given_up(shop, editor, monkeypatch):
    def broken(*_):
        raise RuntimeError

    sends(editor, "/try", matrix__low_complex="human")
    with monkeypatch.context() as patch:
        patch.setattr("faq.policies.trying._said", broken)
        broke = tried(shop)
    assert (broke.state, broke.report) == ("failed", {"error": "RuntimeError"})
    assert "試跑沒有跑完（RuntimeError）" in editor.get(MATRIX).get_data(as_text=True)
    sends(editor, "/try", matrix__low_complex="human")
    with shop.sessions.begin() as session:
        trials.begin(session, policies.latest(session).id).beat_at = now() - trials.SILENT * 2
    policies.watching.look(shop)
    assert every(shop, PolicyTrial)[-1].state == "failed"


def test_a_version_that_this_program_cannot_read_changes_nothing(shop, monkeypatch):
    look_again(monkeypatch)
    before = policy.load()
    with shop.sessions.begin() as session:
        session.add(PolicyVersion(changes={"matrix.low_simple": "teleport"}))
        session.add(Release(digest="other", learned="shipped", policy_id=1, activated_at=now()))
    assert policy.load() == before
    assert policy.version() == 0


def test_what_a_newer_program_dropped_is_not_changed_any_more():
    changes = {"intents.of_yesterday.risk": "high", "signals.zh-TW.of_yesterday.level": "L1"}
    assert answered(policy.made(changes)[0]) == answered(policy.shipped()[0])


def test_the_fields_hold_what_the_files_say():
    book = policies.now_in({})
    assert book["matrix.low_simple"] == "auto"
    assert book["intents.order_status.needs"] == "order_number"
    assert "骨折" in book["signals.zh-TW.injury.any"].splitlines()
    assert policies.differences({}, {}) == []


def test_a_form_that_changes_nothing_is_no_change():
    book = policies.now_in({})
    form = {field: value for field, value in book.items() if field != "overrides"}
    rows = {f"overrides[{n}].{name}": value for n, row in enumerate(book["overrides"]) for name, value in row.items()}
    assert policies.changed({**form, **rows}, {}) == {}
