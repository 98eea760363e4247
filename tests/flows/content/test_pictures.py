"""Pictures and films of articles: drawn anew, shown on the page and in the chat, and never a broken one."""

import csv
import io
import re
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import select, update

from bot import attachments, services
from bot.clock import now
from faq import drafts
from faq.articles import pictures
from faq.articles.pictures import KEPT_UNUSED
from faq.models import ArticlePicture
from tests import console
from tests.content import FEE, answer, words
from tests.pictures import WORDS, flood, picture

HIDDEN = b"where it was taken"


def kept(current):
    with current.sessions() as session:
        return session.scalars(select(ArticlePicture)).one()


def with_picture(hsu, current):
    """A draft that has one."""
    article = hsu.begins()
    assert hsu.hands_in(article, picture(width=2000, height=1000)).status_code == 302
    return article, pictures.address(kept(current).key)


def test_a_picture_stands_in_the_long_page_and_goes_before_the_words_of_a_chat(app, current, hsu):
    article, where = with_picture(hsu, current)
    text = f"看這張：\n\n![尺寸表]({where})"
    hsu.does(article, "publish", **FEE, passage=[text], audience=["customers"], picture=kept(current).key)
    page = app.test_client().get(f"/help/articles/{external_id(current)}").get_data(as_text=True)
    assert f'<img src="{where}" alt="尺寸表">' in page
    assert shown(current, line_channel_secret="x") == ()  # nobody gave an address that platforms could fetch it from
    [there] = shown(current, public_url="https://shop.example")
    assert (there.kind, there.media.url) == ("image", f"https://shop.example{where}")


def shown(current, **settings):
    """The pictures that go with the answer."""
    services.install(replace(current, settings=current.settings.model_copy(update=settings)))
    with current.sessions() as session:
        return answer(session).pictures


def external_id(current):
    with current.sessions() as session:
        [entry] = drafts.entries(session)
    return entry["external_id"]


@pytest.mark.parametrize(("audience", "status"), [("internal", 404), ("customers", 200)])
def test_strangers_see_what_customers_are_shown_and_colleagues_the_rest(app, current, hsu, audience, status):
    article, where = with_picture(hsu, current)
    stranger, agent = app.test_client(), console.signed_in(app, current, "wang", "agent")
    marketing = console.signed_in(app, current, "zhou", "marketing")
    everybody = (stranger, marketing, agent, hsu.client)
    assert [reader.get(where).status_code for reader in everybody] == [404, 404, 200, 200]
    told = {"passage": [f"![表]({where})", "可以退。"], "audience": [audience, "customers"]}
    assert hsu.does(article, "publish", **FEE, **told).status_code == 200
    assert [reader.get(where).status_code for reader in everybody] == [status, status, 200, 200]
    seen = stranger.get(where)
    assert seen.headers["Cache-Control"] == ("public, max-age=300" if status == 200 else "no-store")
    assert "Set-Cookie" not in seen.headers
    assert hsu.does(article, "retire").status_code == 200
    gone = stranger.get(where)
    assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")


def test_lists_tell_nothing_of_a_pictures_address(app, current, hsu):
    article, where = with_picture(hsu, current)
    hsu.does(article, "publish", **FEE, passage=[f"看這張：![尺寸表]({where}) 很清楚"], audience=["customers"])
    listed = app.test_client().get("/help/topics/orders").get_data(as_text=True)
    assert "看這張： 很清楚" in listed
    assert "help/pictures" not in listed


def test_it_is_ours_by_the_time_somebody_sees_it_and_can_do_nothing(app, current, hsu):
    article = hsu.begins()
    written = io.BytesIO()
    exif = Image.Exif()
    exif[270] = HIDDEN.decode()
    Image.new("RGB", (2000, 1000)).save(written, "JPEG", exif=exif)
    assert HIDDEN in written.getvalue()
    hsu.hands_in(article, written.getvalue())
    reader = hsu.client
    whole = reader.get(pictures.address(kept(current).key))
    assert (whole.status_code, whole.mimetype, HIDDEN in whole.data) == (200, "image/jpeg", False)
    assert Image.open(io.BytesIO(whole.data)).size == (1600, 800)
    assert whole.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Set-Cookie" not in whole.headers
    again = reader.get(pictures.address(kept(current).key), headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    small = reader.get(f"{pictures.address(kept(current).key)}?small=1")
    assert Image.open(io.BytesIO(small.data)).width == 480


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (WORDS, "不是圖片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是圖片"),
        (flood(), "尺寸太大"),
        (b"", "不是圖片"),
    ],
    ids=["words", "svg", "flood", "nothing"],
)
def test_what_is_no_picture_is_refused_with_the_reason(current, hsu, content, why):
    article = hsu.begins()
    refused = hsu.hands_in(article, content)
    assert (refused.status_code, why in words(refused)) == (409, True)
    with current.sessions() as session:
        assert session.scalars(select(ArticlePicture)).all() == []


@pytest.mark.parametrize(
    "source", ["https://elsewhere.example/x.png", "/help/pictures/00000000-0000-4000-8000-000000000000"]
)
def test_a_broken_picture_is_refused_by_the_name_of_its_field(hsu, source):
    article = hsu.begins()
    refused = hsu.does(article, "publish", **FEE, passage=[f"![圖]({source})"], audience=["customers"])
    assert refused.status_code == 409
    assert f"長文 ：圖片「{source}」打不開" in words(refused)


def test_another_articles_picture_is_none_of_this_one(current, hsu):
    _, where = with_picture(hsu, current)
    other = hsu.begins()
    refused = hsu.does(other, "publish", **FEE, passage=[f"![圖]({where})"], audience=["customers"])
    assert refused.status_code == 409


def test_a_film_is_a_link_below_the_words_and_on_the_page(app, current, hsu):
    article = hsu.begins()
    wrong = hsu.does(article, "publish", **FEE, video="javascript:alert(1)")
    assert (wrong.status_code, "影片連結要是 https:// 開頭的網址" in words(wrong)) == (409, True)
    hsu.does(article, "publish", **FEE, video="https://video.example/watch?v=1")
    with current.sessions() as session:
        assert answer(session).message.text.endswith("\nhttps://video.example/watch?v=1")
    page = app.test_client().get(f"/help/articles/{external_id(current)}").get_data(as_text=True)
    assert 'href="https://video.example/watch?v=1"' in page


def test_what_is_shown_is_not_taken_away_and_what_is_not_is_gone_for_everybody(app, current, hsu):
    article, where = with_picture(hsu, current)
    hsu.saves(article, **FEE, picture=kept(current).key)
    remove = f"/content/articles/{article}/pictures/{kept(current).id}/remove"
    refused = hsu.client.post(remove)
    assert (refused.status_code, "還用著這張圖片" in words(refused)) == (409, True)
    hsu.saves(article, **FEE, picture="")
    assert hsu.client.post(remove).status_code == 302
    assert app.test_client().get(where).status_code == 404
    with current.sessions.begin() as session:
        session.execute(update(ArticlePicture).values(created_at=now() - 2 * KEPT_UNUSED))
    pictures.forget(current)
    assert list(attachments.store(current.settings).names()) == []
    with current.sessions() as session:
        assert session.scalars(select(ArticlePicture)).all() == []


def test_what_a_version_showed_that_was_live_stays_so_that_it_can_be_restored(current, hsu):
    article, where = with_picture(hsu, current)
    told = FEE | {"passage": [f"![表]({where})"], "audience": ["customers"]}
    hsu.does(article, "publish", **told)
    hsu.saves(article, **FEE)
    assert hsu.does(article, "publish", **FEE).status_code == 200
    refused = hsu.client.post(f"/content/articles/{article}/pictures/{kept(current).id}/remove")
    assert (refused.status_code, "留著才能還原" in words(refused)) == (409, True)


def test_a_draft_that_is_let_go_of_leaves_no_picture(app, current, hsu):
    article, where = with_picture(hsu, current)
    hsu.does(article, "discard")
    assert app.test_client().get(where).status_code == 404


def test_the_preview_shows_it_as_a_chat_and_as_a_page_do(current, hsu):
    article, where = with_picture(hsu, current)
    hsu.saves(article, **FEE, picture=kept(current).key, passage=[f"![表]({where})"], audience=["customers"])
    looks = hsu.opens(article).get_data(as_text=True).split('id="looks"')[1]
    assert re.search(rf'<img class="bubble shot" src="{where}\?small=1"', looks)
    assert f'<img src="{where}" alt="表">' in looks


def with_pictures(hsu, current, count):
    """A draft that has several, and their keys."""
    article = hsu.begins()
    for number in range(count):
        assert hsu.hands_in(article, picture(), f"步驟{number}.png").status_code == 302
    with current.sessions() as session:
        return article, list(session.scalars(select(ArticlePicture.key).order_by(ArticlePicture.id)))


def test_a_chat_shows_several_in_their_order_and_the_page_as_well(app, current, hsu):
    article, keys = with_pictures(hsu, current, 4)
    asked = [keys[2], keys[0], "", keys[3], keys[1]]
    assert hsu.does(article, "publish", **FEE, picture=asked).status_code == 200
    wanted = [pictures.address(key) for key in asked if key]
    sent = shown(current, public_url="https://shop.example")
    assert [one.media.url for one in sent] == [f"https://shop.example{where}" for where in wanted]
    page = app.test_client().get(f"/help/articles/{external_id(current)}").get_data(as_text=True)
    assert re.findall(r'<img src="(/help/pictures/[^"]+)"', page) == wanted
    looks = hsu.opens(article).get_data(as_text=True).split('id="looks"')[1].split('as-messenger"')[0]
    assert re.findall(r'src="(/help/pictures/[^"?]+)\?small=1"', looks) == wanted
    for where in wanted:
        assert app.test_client().get(where).status_code == 200


def test_more_than_fit_into_one_free_reply_or_the_same_twice_do_not_go_live(current, hsu):
    article, keys = with_pictures(hsu, current, 5)
    refused = hsu.does(article, "publish", **FEE, picture=keys)
    assert (refused.status_code, "聊天的圖片 ：聊天最多 4 張圖片" in words(refused)) == (409, True)
    twice = hsu.does(article, "publish", **FEE, picture=[keys[0], keys[0]])
    assert (twice.status_code, "同一張圖片選了兩次" in words(twice)) == (409, True)


def test_of_several_none_is_taken_away_that_is_shown_and_each_that_differs_is_marked(current, hsu):
    article, keys = with_pictures(hsu, current, 3)
    hsu.does(article, "publish", **FEE, picture=keys[:2])
    hsu.saves(article, **FEE, picture=[keys[0], keys[2]])
    compared = hsu.opens(article, "/history?left=live&right=draft").get_data(as_text=True)
    assert "聊天的圖片 2" in compared
    with current.sessions() as session:
        second = session.scalars(select(ArticlePicture).where(ArticlePicture.key == keys[1])).one().id
    refused = hsu.client.post(f"/content/articles/{article}/pictures/{second}/remove")
    assert (refused.status_code, "還用著這張圖片" in words(refused)) == (409, True)


def test_an_article_goes_out_and_in_with_all_its_pictures_in_their_order(current, hsu):
    article, keys = with_pictures(hsu, current, 3)
    hsu.does(article, "publish", **FEE, picture=keys)
    with current.sessions.begin() as session:
        [entry] = drafts.entries(session)
        assert entry["picture"] == keys
        cells = next(csv.DictReader(io.StringIO(drafts.as_csv([entry]).removeprefix("\ufeff"))))
        assert cells["picture"] == "|".join(keys)
        for row in (entry, cells):
            again = drafts.save(session, [(1, row)], publish=True)
            assert (again.unchanged, again.problems) == (1, [])
        turned = drafts.save(session, [(1, entry | {"picture": keys[::-1]})], publish=True)
        assert (turned.changed, turned.problems) == (1, [])
        strange = drafts.save(session, [(1, cells | {"picture": "|".join([*keys, "x", "y"])})], publish=True)
    assert "聊天最多 4 張圖片" in str(strange.problems[0])


def test_an_article_goes_out_and_in_with_its_picture_and_a_file_brings_none_that_is_not_here(current, hsu):
    article, _ = with_picture(hsu, current)
    hsu.does(article, "publish", **FEE, picture=kept(current).key, video="https://video.example/1")
    with current.sessions.begin() as session:
        again = drafts.save(session, enumerate(drafts.entries(session), 1), publish=True)
        assert (again.unchanged, again.problems) == (1, [])
        row = {"external_id": "N1", "question": "?", "answer": "x", "page": "![x](/help/pictures/y)"}
        saved = drafts.save(session, [(1, row)], publish=True)
    assert [str(one) for one in saved.problems] == [
        "第 1 列 page：圖片「/help/pictures/y」打不開：先上傳到這篇，再插入它的連結。"
    ]
