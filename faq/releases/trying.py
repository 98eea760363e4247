"""What a release that is not live would make of a sentence: by its own model and under its own policy.

A process keeps the model that was tried last, so that who types is answered at once and memory stays bounded.
"""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from sqlalchemy.orm import Session

from bot.errors import ContentError, Refused
from bot.models import Release
from bot.nlu import release
from bot.nlu.model import Model
from bot.nlu.policy import Rules
from bot.nlu.release import Stamp
from bot.nlu.trial import Trial
from bot.ports import Nlu
from bot.settings import Settings
from faq.releases.activating import rules_of

_one_at_a_time = Lock()  # two who begin to type together read it once


@dataclass(frozen=True)
class Candidate:
    """A release, and all that it judges by."""

    release: Release
    nlu: Nlu
    rules: Rules


def chosen(session: Session, release_id: int) -> tuple[Release, Rules]:
    """This release and its policy; Refused where this program can understand nothing by it."""
    wanted = session.get(Release, release_id)
    if wanted is None:
        raise Refused("沒有 r%(id)s 這一版。", id=release_id)
    if not release.readable(wanted):
        raise Refused("r%(id)s 是用別的程式版本建立的，不能試，請重新建立。", id=release_id)
    return wanted, rules_of(session, wanted)


def candidate(settings: Settings, wanted: Release, rules: Rules) -> Candidate:
    """Ready to be asked; Refused where its files are broken. It may take seconds: with no session open."""
    try:
        with _one_at_a_time:
            model = _model(release.stamp(release.home(settings, wanted)))
    except ContentError as error:
        raise Refused("r%(id)s 的檔案不完整，不能試，請重新建立。", id=wanted.id) from error
    return Candidate(wanted, Trial(model), rules)


@lru_cache(maxsize=1)
def _model(stamp: Stamp) -> Model:
    """What lies there; read again after its files have changed."""
    return Model.load(stamp[0])
