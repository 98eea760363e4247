"""What is said from our side: to the customer, to colleagues, on the phone."""

from typing import Annotated

from pydantic import Field

from handoff.api.shapes.base import MOST, Id, Line, Named, OneOf, Plain, Strict, Words, like
from handoff.tickets.attachments import MOST as FILES
from handoff.tickets.calls import DIRECTIONS
from handoff.tickets.grading import LEVELS

Level = Annotated[str, OneOf(("", *LEVELS)), Field(description="empty: as the words say, and never less")]


class Reply(Strict):
    """Words to the customer. `seen_message_id`: the newest message that whoever wrote them had read."""

    model_config = like(text="您好，我來幫您看。", seen_message_id=812)

    text: Words
    seen_message_id: int = Field(ge=0, le=MOST)


class Answer(Strict):
    """Words to the customer, files that were taken in for it, or both."""

    model_config = like(text="這是換貨單。", seen_message_id=812, attachments=[41])

    text: Annotated[str, Field(max_length=20_000)] = ""
    seen_message_id: int = Field(ge=0, le=MOST)
    attachments: list[Id] = Field(default_factory=list, max_length=FILES)


class Letter(Reply):
    """Words to the customer by e-mail; subject, case number and how to reach us are added."""

    model_config = like(to="chen@mail.example", text="收據在這裡。", seen_message_id=812)

    to: Line = Field(description="an address that he proved to be his")


class Note(Strict):
    """Words to colleagues."""

    model_config = like(text="已查到訂單")

    text: Words


class Call(Strict):
    """What was said on the phone; `in`: the customer called us."""

    model_config = like(direction="out", text="回電說明退款時間，顧客同意", level="")

    direction: Annotated[str, OneOf(DIRECTIONS)]
    text: Words
    level: Level = ""


class FirstCall(Strict):
    """Somebody called whose case was not found."""

    model_config = like(phone="0912345678", name="陳怡君", text="問退款進度", level="", category="return_refund")

    phone: Named
    name: Plain = ""
    text: Words
    level: Level = ""
    category: Plain = Field("", description="empty: as the words say")
