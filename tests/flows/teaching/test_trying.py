"""A release is tried on any sentence before somebody puts it live, beside what the live one does."""

import re

import pytest
from flask.testing import FlaskClient

from bot.models import Release
from bot.nlu import release
from bot.nlu.model import Model
from bot.nlu.policy import load
from bot.services import Services
from faq import training
from faq.models import Article
from faq.releases import trying
from tests.console import words
from tests.teaching import ISLANDS, RELEASES, WRAPPING, activated, built, called, live, newest, teach

pytestmark = pytest.mark.both_engines
PAGE = "/content/intents"
ISLAND = "蘭嶼也能寄嗎要加多少運費"
GIFTS = tuple(f"{gift}可以幫我包成禮物嗎" for gift in ("圍巾", "杯子", "香水", "手套", "茶葉", "皮夾"))


@pytest.fixture
def islands(shop: Services, editor: FlaskClient) -> int:
    """A release that passed, and is not live."""
    teach(shop, "shipping_fee", *ISLANDS)
    made = built(shop, editor).release_id
    assert made
    return made


def tries(member: FlaskClient, release_id: int, text: str) -> tuple[str, str, str]:
    """What the page says of both, of the live one, and of the other."""
    answer = member.post(f"{RELEASES}/{release_id}/try", data={"text": text}, headers={"X-Part": "tried"})
    before, after = re.findall(r"<section.*?</section>", answer.get_data(as_text=True), re.DOTALL)
    of_both = words(answer).partition("線上版本")[0]
    return of_both, _said(before), _said(after)


def _said(part: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part))


def test_a_release_that_passed_is_tried_beside_the_live_one_and_nothing_else_notices(
    shop: Services, editor: FlaskClient, islands: int
) -> None:
    first = live(shop)
    page = editor.get(RELEASES).get_data(as_text=True)
    assert f'href="{RELEASES}/{islands}/try"' in page
    assert f'href="{RELEASES}/{first}/try"' not in page, "the live one is tried beside the intents"
    assert f"和線上的 r{first} 並排" in words(editor.get(f"{RELEASES}/{islands}/try"))
    of_both, before, after = tries(editor, islands, ISLAND)
    assert "兩版的做法不一樣：" in of_both
    assert "結果" in of_both
    assert "結果 反問" in before
    assert "結果 反問" not in after
    assert "意圖 運費怎麼算 運費與時效" in after
    assert f"embedded · r{islands}" in after
    assert f"{called(shop, first)[0]} · r{first} " in before
    assert (live(shop), newest(shop).state) == (first, "passed")


def test_where_both_do_the_same_the_page_says_so(editor: FlaskClient, islands: int) -> None:
    of_both, before, after = tries(editor, islands, "收到的蘋果壞掉了")
    assert "兩版的做法一樣。" in of_both
    assert "意圖 商品破損或故障" in before
    assert "意圖 商品破損或故障" in after


def test_they_differ_where_only_the_lighter_of_two_requests_does(editor: FlaskClient, islands: int) -> None:
    of_both, before, after = tries(editor, islands, f"收到的蘋果壞掉了怎麼辦？另外{ISLAND}？")
    assert ["這則問了 2 件事" in told for told in (before, after)] == [True, True]
    assert ["意圖 商品破損或故障" in told for told in (before, after)] == [True, True]
    assert "兩版的做法不一樣：" in of_both
    assert "運費怎麼算・" in after.partition("這則問了")[2]


def test_it_decides_by_its_own_policy_and_knows_its_own_intents(shop: Services, editor: FlaskClient) -> None:
    editor.post(PAGE, data=WRAPPING)
    with shop.sessions.begin() as session:
        article = {"external_id": "W1", "question": "包裝", "wordings": ["包裝 30 元。"], "intent": "own_1"}
        session.add(Article(**article, published=True))
        training.add(session, "own_1", GIFTS, by=None)
    made = built(shop, editor).release_id or 0
    of_both, before, after = tries(editor, made, "帽子可以幫我包成禮物嗎")
    assert "不一樣： 意圖" in of_both
    assert "禮物包裝" not in before
    assert "意圖 禮物包裝 商品資訊" in after
    assert "顧客會收到 包裝 30 元。" in after
    assert "own_1" not in load()[0].intents


def test_without_javascript_it_is_a_page(editor: FlaskClient, islands: int) -> None:
    answer = editor.post(f"{RELEASES}/{islands}/try", data={"text": "<b>離島</b>也能寄嗎"})
    page = answer.get_data(as_text=True)
    assert "兩版的做法" in words(answer)
    assert "&lt;b&gt;離島&lt;/b&gt;也能寄嗎</textarea>" in page
    assert "<b>離島" not in page
    empty = editor.post(f"{RELEASES}/{islands}/try", data={"text": " "})
    assert "兩版的做法" not in words(empty)
    assert editor.post(f"{RELEASES}/{islands}/try", data={"text": "哪" * 1001}).status_code == 400


def test_one_that_was_live_before_is_tried_before_it_is_put_back(
    shop: Services, editor: FlaskClient, reviewer: FlaskClient, islands: int
) -> None:
    first = live(shop)
    activated(reviewer, islands, first)
    _, before, after = tries(reviewer, first, ISLAND)
    assert f"{called(shop, islands)[0]} · r{islands} " in before
    assert f"embedded · r{first}" in after


def test_only_the_last_one_that_was_tried_stays_in_memory(shop: Services, editor: FlaskClient, islands: int) -> None:
    for release_id in (islands, live(shop), islands):
        tries(editor, release_id, ISLAND)
        assert trying._model.cache_info().currsize == 1


def test_while_a_release_is_read_no_connection_waits(
    shop: Services, editor: FlaskClient, islands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, read, pool = [], trying._model, shop.sessions.kw["bind"].pool

    def reading(stamp: release.Stamp) -> Model:
        held.append(pool.checkedout())
        return read(stamp)

    monkeypatch.setattr(trying, "_model", reading)
    tries(editor, islands, ISLAND)
    assert held == [0]


def test_what_cannot_be_tried_says_why_and_the_live_one_is_untouched(
    shop: Services, editor: FlaskClient, islands: int
) -> None:
    address, part = f"{RELEASES}/{islands}/try", {"X-Part": "tried"}
    assert "沒有 r99 這一版。" in words(editor.get(f"{RELEASES}/99/try", follow_redirects=True))
    assert "沒有 r99 這一版。" in words(editor.post(f"{RELEASES}/99/try", data={"text": "a"}, headers=part))
    tries(editor, islands, ISLAND)
    (release.folder(shop.settings, islands) / "model.json").write_text("{", "utf-8")
    broken = f"r{islands} 的檔案不完整，不能試"
    assert broken in words(editor.post(address, data={"text": ISLAND}, headers=part))
    assert broken in words(editor.post(address, data={"text": ISLAND}, follow_redirects=True))
    with shop.sessions.begin() as session:
        session.get_one(Release, islands).metrics = {"algorithm": "0.1"}
    assert "別的程式版本" in words(editor.get(address, follow_redirects=True))
    assert f'href="{address}"' not in editor.get(RELEASES).get_data(as_text=True)
    tried = editor.post(f"{PAGE}/try", data={"text": "蘋果運費怎麼算"}, headers=part)
    assert "意圖 運費怎麼算" in words(tried)
