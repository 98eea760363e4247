"""Which words are campaign traffic, as a table: by keyword, button, intent and what was written to the customer."""

import pytest

from bot.ports import Campaign
from bot.traffic import Seen, classify, match

PLUS = Campaign(1, "campaign", ("+1", "留言+1"))
XMAS = Campaign(2, "broadcast", ("耶誕快樂", "XMAS"), "campaign=xmas")
RUNNING = (PLUS, XMAS)


@pytest.mark.parametrize(
    ("text", "taps", "campaign", "rest"),
    [
        ("+1", [], 1, ""),
        ("＋１ ！！", [], 1, ""),
        ("留言+1 🎉", [], 1, ""),
        ("+1 王小明 紅色", [], 1, "王小明 紅色"),
        ("我要+10件", [], None, ""),
        ("xmas", [], 2, ""),
        ("Xmas2", [], None, ""),
        ("圣诞没有", [], None, ""),
        ("耶诞快乐", [], 2, ""),
        ("", ["campaign=xmas&step=2"], 2, ""),
        ("", ["other=1"], None, ""),
        ("運費多少", [], None, ""),
        ("", [], None, ""),
    ],
)
def test_what_words_belong_to(text: str, taps: list[str], campaign: int | None, rest: str) -> None:
    found = match(RUNNING, text, taps, "")
    assert (found.campaign.id if found else None, found.rest if found else "") == (campaign, rest)


def test_the_longer_keyword_wins_and_of_equals_the_newer_campaign() -> None:
    newer = Campaign(9, "campaign", ("+1",))
    both = match((PLUS, newer), "留言+1", [], "")
    same = match((PLUS, newer), "+1", [], "")
    assert both is not None
    assert same is not None
    assert (both.campaign.id, same.campaign.id) == (1, 9)


HIT = match(RUNNING, "+1", [], "")


@pytest.mark.parametrize(
    ("seen", "traffic", "campaign"),
    [
        (Seen(HIT, needs_person=False, asks=False, by_intent="inquiry"), "campaign", 1),
        (Seen(match(RUNNING, "XMAS", [], ""), False, False, "inquiry"), "broadcast", 2),
        (Seen(HIT, needs_person=True, asks=False, by_intent="inquiry"), "inquiry", None),
        (Seen(HIT, needs_person=True, asks=False, by_intent="campaign"), "inquiry", None),
        (Seen(HIT, needs_person=True, asks=False, by_intent="application"), "application", None),
        (Seen(HIT, needs_person=False, asks=True, by_intent="campaign"), "inquiry", None),
        (Seen(None, False, False, "inquiry"), "inquiry", None),
        (Seen(None, False, False, "inquiry", wrote_to=4), "inquiry", None),
        (Seen(None, False, False, "application"), "application", None),
        (Seen(None, False, False, "campaign"), "campaign", None),
        (Seen(None, False, False, "broadcast"), "broadcast", None),
        (Seen(None, False, False, "campaign", wrote_to=4), "broadcast", 4),
        (Seen(None, True, False, "campaign", wrote_to=4), "inquiry", None),
        (Seen(None, False, True, "campaign"), "inquiry", None),
    ],
)
def test_the_four_classes(seen: Seen, traffic: str, campaign: int | None) -> None:
    verdict = classify(seen)
    assert (verdict.traffic, verdict.campaign) == (traffic, campaign)
    assert verdict.reason
    assert verdict.quiet is (traffic in ("broadcast", "campaign"))
