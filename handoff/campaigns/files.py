"""Lists to take along: who took part in a campaign, and whom marketing must not write to now."""

from collections.abc import Iterator, Sequence

from flask import Response, stream_with_context
from flask_babel import gettext

from bot import db
from bot.models import Message
from handoff.campaigns.routes import ONE, blueprint, one, promotes
from handoff.console.visit import services
from handoff.marketing import participants, sheets, suppression

NAMES = {"line": "LINE", "messenger": "Messenger", "instagram": "Instagram"}


@blueprint.get(f"{ONE}/participants.csv")
@promotes
def participants_file(campaign_id: int) -> Response:
    """Everybody who took part, a line each."""
    with db.reading(services().sessions) as session:
        if campaign_id:
            one(session, campaign_id)
    heads = [
        *(gettext("顧客"), gettext("通路"), gettext("平台上的帳號")),
        *(gettext("第一次"), gettext("最近一次"), gettext("幾則"), gettext("最近說的")),
        gettext("說過的，一行一則（最新 %(n)s 則）", n=participants.MOST_SAID),
        gettext("案件還在處理"),
    ]
    return _file(f"campaign-{campaign_id}.csv", heads, _participants(campaign_id))


@blueprint.get("/suppressed.csv")
@promotes
def suppressed_file() -> Response:
    """Everybody whose case is open, as every platform knows him."""
    heads = [gettext("顧客編號"), gettext("通路"), gettext("我們的帳號"), gettext("平台上的帳號")]
    return _file("suppressed.csv", heads, _suppressed())


def _participants(campaign_id: int) -> Iterator[Sequence[object]]:
    zone = services().settings.zone
    with db.reading(services().sessions) as session:
        for found in participants.every(session, campaign_id):
            talk = found.conversation
            yield (
                talk.contact.name if talk.contact else "",
                NAMES.get(talk.account.channel, talk.account.channel),
                talk.source_id,
                f"{found.since.astimezone(zone):%Y-%m-%d %H:%M}",
                f"{found.at.astimezone(zone):%Y-%m-%d %H:%M}",
                found.count,
                _words(found.last),
                "\n".join(filter(None, map(_words, found.said))),
                "✓" if found.held else "",
            )


def _words(message: Message) -> str:
    """What he wrote, or what stood on the button that he tapped."""
    return message.text or str(message.payload.get("label") or message.payload.get("data") or "")


def _suppressed() -> Iterator[Sequence[object]]:
    with db.reading(services().sessions) as session:
        for customer in suppression.every(session):
            account = customer.account
            yield (customer.contact_id, account.channel, account.external_id, customer.external_id)


def _file(name: str, heads: Sequence[str], rows: Iterator[Sequence[object]]) -> Response:
    made = Response(stream_with_context(sheets.lines(heads, rows)), mimetype="text/csv")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return made
