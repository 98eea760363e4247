"""What a customer says while a form is being asked: an answer, something beside it, or what cannot wait for it."""

from bot.forms import Heard
from bot.language import is_question
from bot.matrix import HUMAN_WISH
from bot.nlu.verdict import MANY_REQUESTS, SMALL_TALK, Judgement, Request
from bot.turn import ordering
from bot.turn.intakes import Asking


def is_beside(one: Request, asking: Asking) -> bool:
    """Whether a request is surely none of the form's; a mere statement answers what was asked."""
    if not one.assessment.trusted or one.decision.route != "auto" or one.decision.intent in asking.form.intents:
        return False
    return is_question(one.text) or one.understanding.rule == "button" or one.assessment.category in SMALL_TALK


def is_farewell(one: Request) -> bool:
    """Whether it is thanks, or a word that agrees: nobody takes leave in the middle of a form."""
    return one.assessment.category == "thanks_bye"


def is_courtesy(judged: Judgement | None) -> bool:
    """Whether it is nothing but thanks or a greeting."""
    those = judged.requests if judged is not None else ()
    return bool(those) and all(one.assessment.trusted and one.assessment.category in SMALL_TALK for one in those)


def cannot_wait(lead: Request) -> bool:
    """A wish for a person, need or danger; an order that was asked after and cannot be told of."""
    rule = lead.decision.rule
    if rule.startswith("override:"):
        return lead.decision.route == "human"
    return rule in (HUMAN_WISH, MANY_REQUESTS, *ordering.REASONS)


def is_graver(lead: Request, asking: Asking, heard: Heard) -> bool:
    """Whether it is a matter of its own that needs a person; what needs one at once is, also within an answer."""
    decision = lead.decision
    if _by_matrix(lead) and decision.route == "human":
        return True
    if heard.told or heard.skips or heard.drops or not _by_matrix(lead) or decision.route == "auto":
        return False
    if decision.intent in (asking.row.basis["intent"], *asking.form.intents):
        return False
    in_words = asking.asked is not None and asking.asked.kind in ("text", "choice")
    return decision.route != "hybrid" or not in_words


def _by_matrix(one: Request) -> bool:
    """Whether it was understood, or its words alone weigh so much, that the matrix decided."""
    return one.decision.rule.startswith("matrix:") and (one.assessment.trusted or bool(one.assessment.signals))
