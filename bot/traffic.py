"""What kind of traffic a customer's words are: 推播回覆, 活動參與, 一般諮詢 or 正式申請, and why.

Campaign traffic is for marketing. Whatever needs a person, or asks something, is none, also inside a campaign reply.
"""

from __future__ import annotations  # sibling modules may be named in types only

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.language import fold

if TYPE_CHECKING:
    from bot.matrix.policy import Traffic
    from bot.ports import Campaign

QUIET: tuple[Traffic, ...] = ("broadcast", "campaign")
LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Match:
    """A campaign that words belong to by themselves: by which mark, and what they say beside it."""

    campaign: Campaign
    mark: str
    rest: str


@dataclass(frozen=True)
class Seen:
    """What is known of a turn's words. `wrote_to` is the campaign that wrote to this customer a while ago.

    `needs_person`: somebody must look at them, or they are about danger or trouble. `asks`: they ask something, or
    surely mean something that is the shop's daily business. `by_intent` is what their intent alone says.
    """

    match: Match | None
    needs_person: bool
    asks: bool
    by_intent: Traffic
    wrote_to: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The class; of campaign traffic also the campaign, where one is known. `reason` is for staff (zh-TW)."""

    traffic: Traffic
    campaign: int | None
    reason: str

    @property
    def quiet(self) -> bool:
        """Whether it is marketing's, and no agent's."""
        return self.traffic in QUIET


def match(running: Sequence[Campaign], text: str, taps: Sequence[str], typed: str) -> Match | None:
    """The campaign of a button that was tapped, or whose keyword stands in the text: the longest, then the newest.

    `typed`: what the customer wrote himself beside the buttons, which a tap says nothing of.
    """
    for tap in taps:
        for campaign in running:
            if campaign.postback and tap.startswith(campaign.postback):
                return Match(campaign, campaign.postback, fold(typed) if LETTER.search(typed) else "")
    return max(_named(running, fold(text)), key=lambda found: (len(found.mark), found.campaign.id), default=None)


def _named(running: Sequence[Campaign], folded: str) -> Iterator[Match]:
    for campaign in running:
        for keyword in campaign.keywords:
            if place := _place(fold(keyword), folded):
                rest = f"{folded[: place.start()]} {folded[place.end() :]}"
                yield Match(campaign, keyword, rest.strip() if LETTER.search(rest) else "")


def _place(keyword: str, folded: str) -> re.Match[str] | None:
    """Where a keyword stands as a word: +1 is not in +10."""
    before = r"(?<![a-z0-9])" if keyword[:1].isalnum() and keyword[:1].isascii() else ""
    after = r"(?![a-z0-9])" if keyword[-1:].isalnum() and keyword[-1:].isascii() else ""
    return re.search(before + re.escape(keyword) + after, folded) if keyword else None


def classify(seen: Seen) -> Verdict:
    """The first of these that holds."""
    plain: Traffic = "inquiry" if seen.by_intent in QUIET else seen.by_intent
    if seen.needs_person:
        return Verdict(plain, None, "需要專人處理，不算活動訊息")
    if seen.asks:
        return Verdict(plain, None, "問了問題，不算活動訊息")
    if seen.match is not None:
        found = seen.match
        return Verdict(found.campaign.kind, found.campaign.id, f"符合活動的「{found.mark}」")
    if seen.by_intent not in QUIET:
        return Verdict(seen.by_intent, None, "不是活動訊息")
    if seen.wrote_to is not None:
        return Verdict("broadcast", seen.wrote_to, "回覆剛收到的行銷訊息")
    return Verdict(seen.by_intent, None, "意圖是活動訊息，沒有登記的活動")
