"""What customers are promised: the rules as text, their versions, what others would change; and calendars."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.api import Page
from handoff.api.shapes.base import MOST, PLAIN, Line, Strict, example, like
from handoff.clocks.previews import Change, Outcome, Preview
from handoff.models import RuleVersion

Yaml = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=PLAIN)]


class RulesText(BaseModel):
    """The rules that count now. version 0: those that come with the house."""

    model_config = like(version=3, document="targets:\n  - {level: L1, …}\n")

    version: int
    document: str


class Version(BaseModel):
    """Who changed the rules, when, and why."""

    model_config = like(version=3, at="2026-11-20T02:00:00Z", by="lin", note="週年慶")

    version: int
    at: datetime
    by: str | None
    note: str

    @classmethod
    def of(cls, row: RuleVersion) -> "Version":
        return cls(version=row.id, at=row.created_at, by=row.user.username if row.user else None, note=row.note)


class Versions(Page[Version]):
    """Versions of the rules, newest first."""


class Proposed(Strict):
    """Rules as YAML."""

    model_config = like(document="targets:\n  - {level: L1, …}\n")

    document: Yaml


class Published(Strict):
    """Rules as YAML, why, and the version that they were written from: somebody else's change is not run over."""

    model_config = like(document="targets:\n  - {level: L1, …}\n", note="週年慶", based_on=3)

    document: Yaml
    note: Line = ""
    based_on: int = Field(ge=0, le=MOST)


class Outlook(BaseModel):
    """What a case would be promised, and when it would be answered at the latest."""

    model_config = like(
        targets={"first": "30 min", "next": "2 h", "resolution": "24 h"},
        calendar="shop",
        opened_now="2026-11-22T04:30:00Z",
        opened_on_friday="2026-11-27T12:30:00Z",
    )

    targets: dict[str, str]
    calendar: str = Field(description="empty: around the clock")
    opened_now: datetime
    opened_on_friday: datetime = Field(description="at 20:00 on the shop's clock")

    @classmethod
    def of(cls, outcome: Outcome) -> "Outlook":
        return cls(
            targets=outcome.targets.spans(),
            calendar=outcome.calendar,
            opened_now=outcome.opened_now,
            opened_on_friday=outcome.opened_on_friday,
        )


class Changed(BaseModel):
    """Cases that are alike, how many of the last ones there were, and their promise before and after."""

    model_config = like(
        case={"level": "L2", "team": "service"}, cases=12, before=example(Outlook), after=example(Outlook)
    )

    case: dict[str, str]
    cases: int
    before: Outlook
    after: Outlook

    @classmethod
    def of(cls, change: Change) -> "Changed":
        alike = {name: value for name, value in vars(change.case).items() if value}
        return cls(case=alike, cases=change.cases, before=Outlook.of(change.before), after=Outlook.of(change.after))


class Foreseen(BaseModel):
    """What the rules would change: of `looked_at` cases `affected` would be promised something else."""

    model_config = like(looked_at=340, affected=12, ladder=False, changes=[example(Changed)])

    looked_at: int
    affected: int
    ladder: bool = Field(description="whether the ladder of warnings changes for all")
    changes: list[Changed]

    @classmethod
    def of(cls, preview: Preview) -> "Foreseen":
        return cls(
            looked_at=preview.looked_at,
            affected=preview.affected,
            ladder=bool(preview.ladder),
            changes=[Changed.of(change) for change in preview.changes],
        )
