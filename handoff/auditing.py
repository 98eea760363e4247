"""The record of how the house was arranged: who changed what, and how it was before.

What happened to a case stands in that case's own timeline; here is what belongs to no conversation, and who let go
out what the bot had prepared.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from bot.models import JournalEntry, User

KINDS: Mapping[str, tuple[str, ...]] = {
    "accounts": (
        "user.created",
        "user.changed",
        "user.deactivated",
        "user.password_changed",
        "user.password_reset",
        "user.provider_name_changed",
        "user.recovery_code_used",
        "user.second_step_removed",
        "user.second_step_set_up",
    ),
    "teams": (
        "surge.began",
        "surge.ended",
        "team.changed",
        "team.member_left",
        "team.member_set",
        "user.leave_set",
        "user.leave_shortened",
        "user.leave_taken_back",
        "user.sent_away",
        "user.shifts_set",
    ),
    "rules": ("sla.published",),
    "marks": tuple(
        f"{what}.{deed}" for what in ("tag", "field") for deed in ("created", "changed", "retired", "restored")
    ),
    "content": (
        "article.approved",
        "article.begun",
        "article.cared",
        "article.discarded",
        "article.published",
        "article.retired",
        "article.returned",
        "article.rolled_back",
        "article.sent",
        "article.withdrawn",
        "contact.dropped",
        "contact.kept",
        "faq.imported",
        "intent.made",
        "lesson.dropped",
        "lesson.kept",
        "lesson.proposed",
        "policy.discarded",
        "menu.published",
        "menu.withdrawn",
        "policy.published",
        "release.activated",
        "release.asked",
        "sentences.added",
        "sentences.moved",
        "sentences.removed",
        "sentences.taken_back",
        "template.changed",
        "template.dropped",
        "unanswered.settled",
    ),
    "campaigns": (
        "campaign.batch",
        "campaign.changed",
        "campaign.created",
        "campaign.restored",
        "campaign.retired",
    ),
    "programs": (
        "account.keys_set",
        "hook.changed",
        "hook.created",
        "hook.paused",
        "hook.removed",
        "hook.resent",
        "hook.resumed",
        "hook.rotated",
        "hook.tested",
        "token.created",
        "token.revoked",
    ),
    "approvals": (
        "proposal.approved",
        "proposal.carried",
        "proposal.done",
        "proposal.first_approved",
        "proposal.refused",
        "proposal.revised",
        "proposal.tried_again",
    ),
    "customers": ("contact.merged", "contact.unmerged"),
    "house": ("shop.restored",),
    "sign_ins": ("user.locked_out", "user.signed_in", "user.signed_out"),
}
"""What is recorded, by what it is about."""

CHANGES = tuple(about for about in KINDS if about != "sign_ins")
"""What is shown where nothing is asked for: coming and going would cover it."""


def entries(about: str = "", person: int | None = None) -> Select[JournalEntry]:
    """Those about one thing, or all changes; of a person those that she made, and those that were made to her."""
    kinds = [kind for one in ([about] if about else CHANGES) for kind in KINDS[one]]
    of_a_case = JournalEntry.kind.in_(KINDS["approvals"])
    wanted = select(JournalEntry).where(
        or_(JournalEntry.conversation_id.is_(None), of_a_case), JournalEntry.kind.in_(kinds)
    )
    if person is None:
        return wanted
    return wanted.where(or_(JournalEntry.user_id == person, JournalEntry.data["member"].as_integer() == person))


def people(session: Session, found: Iterable[JournalEntry]) -> dict[int | None, User]:
    """Everybody whom these entries name, by id."""
    ids = {id_ for entry in found for id_ in (entry.user_id, entry.data.get("member"))} - {None}
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}
