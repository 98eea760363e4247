"""What is said about a case from outside: where it goes, how it ends, what stands on its cover."""

from typing import Annotated

from pydantic import Field

from handoff.api.shapes.base import MOST, Line, Named, OneOf, Plain, Strict, Words, like
from handoff.tickets.filing import TYPES
from handoff.tickets.grading import LEVELS, PRIORITIES


class Transfer(Strict):
    """To a colleague (user name) or a team's queue, and why."""

    model_config = like(to="returns", why="要查倉庫")

    to: Named
    why: Words


class Seen(Strict):
    """The newest message that whoever decides this had read."""

    model_config = like(seen_message_id=812)

    seen_message_id: int = Field(ge=0, le=MOST)


class Solved(Seen):
    """The newest message that whoever decides this had read, and why it is solved, if that is worth telling."""

    model_config = like(seen_message_id=812, why="已退款入帳")

    why: Line = ""


class Why(Strict):
    """A reason, for the record, if there is one to tell."""

    model_config = like(why="顧客來電說又壞了")

    why: Line = ""


class Cover(Strict):
    """What people write on a case; all of it, as it shall stand."""

    model_config = like(type="request", tags=["退款", "急"], custom={"門市": "台北"}, outcome="已換貨")

    type: Annotated[str, OneOf(TYPES)]
    tags: list[Plain] = Field([], max_length=20)
    custom: dict[Plain, Line] = Field({}, max_length=20)
    outcome: Line = ""


class Grading(Strict):
    """What shall be different; empty: as it is. A priority that is not given follows its level."""

    model_config = like(level="L1", priority="", category="safety_incident", why="顧客的女兒在急診")

    level: Annotated[str, OneOf(("", *LEVELS))] = ""
    priority: Annotated[str, OneOf(("", *PRIORITIES))] = ""
    category: Plain = ""
    why: Line = Field("", description="wanted where level or priority is lowered")


class Into(Strict):
    """The case in which this matter goes on."""

    model_config = like(into="CS-261122-0001")

    into: Named


class Matter(Strict):
    """What the second case is about, in one sentence."""

    model_config = like(matter="另外一張發票要改統編")

    matter: Words
