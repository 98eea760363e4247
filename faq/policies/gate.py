"""The gate of a policy: whether a draft may take over, by what it makes of the test messages beside the live one.

Both judge what one model understood, so nothing is left to chance. Only what could harm somebody counts here: to
answer less, and to hand over more, is always allowed. So it asks whether a message reaches a person, not as what: of
a message with two requests a more careful policy may put another one first.
"""

from collections.abc import Mapping, Sequence

from bot.matrix import HUMAN_WISH
from bot.nlu.evaluation import COMPLAINT, SAFETY, Outcome, figures
from bot.nlu.floor import Floor
from bot.nlu.heldout import Case
from faq.judgement import SHOWN, Verdict, compared

AT_LEAST = {"high_risk_handed": 0.005, "human_wish_handed": 0.01, "safety_handed": 0.01, "complaint_handed": 0.01}
AT_MOST = {"wrong_answers": 0.003, "high_risk_answered": 0.005}
IN_NEED = {"human_wish_handed": HUMAN_WISH, "safety_handed": SAFETY, "complaint_handed": COMPLAINT}
PERSON = ("hybrid", "review", "human")


def judge(draft: Sequence[Outcome], live: Sequence[Outcome], floor: Floor) -> Verdict:
    """The verdict on outcomes of the same messages, in the same order."""
    pairs = list(zip(draft, live, strict=True))
    worse = [(one, other) for one, other in pairs if _harms(one) and not _harms(other)]
    better = sum(_harms(other) and not _harms(one) for one, other in pairs)
    checks = compared(_risks(draft), _risks(live), floor, AT_LEAST, AT_MOST)
    return Verdict(tuple(checks), tuple(sorted(worse, key=lambda pair: not pair[0].misled)[:SHOWN]), better)


def _harms(outcome: Outcome) -> bool:
    """Answered where a mistake is dear, or about something else; or in need of a person, and not given one."""
    return outcome.misled or (_needs_person(outcome.case) and not _handed(outcome))


def _needs_person(case: Case) -> bool:
    return case.risk == "high" or case.category in IN_NEED.values()


def _handed(outcome: Outcome) -> bool:
    return outcome.verdict.decision.route in PERSON


def _risks(outcomes: Sequence[Outcome]) -> Mapping[str, float | None]:
    found = figures(outcomes)
    return {
        **{name: found[name] for name in AT_MOST},
        "high_risk_handed": _share_handed([one for one in outcomes if one.case.risk == "high"]),
        **{name: _share_handed([one for one in outcomes if one.case.category == who]) for name, who in IN_NEED.items()},
    }


def _share_handed(those: Sequence[Outcome]) -> float | None:
    return round(sum(map(_handed, those)) / len(those), 4) if those else None
