"""What agents answer with: templates of replies, kept by who keeps the content."""

from collections.abc import Sequence
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal, services
from bot.auth import may
from bot.errors import Refused
from bot.language import fold, unknown_types
from bot.messages import Outbound
from bot.ports import Template
from faq import enclosing, greetings, keeping
from faq.articles import Content, withheld
from faq.articles.moving import may_harm
from faq.keeping import Said
from faq.models import ReplyTemplate, TemplateFile

MOST = 500
SAID = ("category", "title", "text", "serves", "buttons")
KEPT = "template.changed"


class ReplyTemplates:
    """`bot.ports.Templates` over the templates in the database."""

    def find(self, session: Session, query: str, category: str, limit: int) -> list[Template]:
        """Those that hold every word: by their titles before their texts, and of this category before others."""
        asked = fold(query).split()
        own = [template for template in every(session) if not template.serves]
        held = [(template, fold(template.title), fold(template.text)) for template in own]
        fits = [one for one in held if all(word in f"{one[1]} {one[2]}" for word in asked)]
        best = sorted(fits, key=lambda one: (not all(word in one[1] for word in asked), one[0].category != category))
        files = enclosing.of(session, [one.id for one, *_ in best[:limit]])
        return [_offered(one, files.get(one.id)) for one, *_ in best[:limit]]

    def enclosure(self, session: Session, template_id: int) -> tuple[str, IO[bytes]]:
        """What goes with it."""
        file = enclosing.of(session, [template_id]).get(template_id)
        if file is None:
            raise Refused("這個範本沒有檔案了，重新選一次。")
        return file.name, enclosing.opened(services.current(), file)

    def greeting(self, session: Session, name: str, *, again: bool) -> Outbound | None:
        return greetings.find(session, name, again=again)


def _offered(one: ReplyTemplate, file: TemplateFile | None) -> Template:
    picture = f"{enclosing.PATH}{file.key}" if file and file.picture else ""
    return Template(one.id, one.category, one.title, one.text, file.name if file else "", picture)


def every(session: Session) -> Sequence[ReplyTemplate]:
    """All templates, as a list shows them."""
    return session.scalars(select(ReplyTemplate).order_by(ReplyTemplate.category, ReplyTemplate.title)).all()


def risky(category: str) -> bool:
    """Whether a wrong word of a template of this category does harm; what is of no category is said in every one."""
    return may_harm(Content(category=category))


def require_may(session: Session, template_id: int | None, role: str, said: Said | None = None) -> None:
    """Refused where this role lets nothing go live, and the template is, or becomes, one that has to be approved: it
    is offered, or as a greeting said to all, as soon as it is kept."""
    if may(role, "content.approve"):
        return
    kept = session.get(ReplyTemplate, template_id, with_for_update=True) if template_id else None
    versions = [*([keeping.says(kept, SAID)] if kept else []), *([said] if said else [])]
    if any(one["serves"] for one in versions):
        raise Refused("歡迎詞一儲存，機器人就會對顧客說，要由審核或主管來改。")
    if any(risky(one["category"]) for one in versions):
        raise Refused("高風險或不限類別的範本，一儲存客服就會用，要由審核或主管來改。")


def require_newest(session: Session, template_id: int, seen: int) -> None:
    """Refused where somebody has changed it, or its file, since it was `seen`."""
    kept = session.get(ReplyTemplate, template_id, with_for_update={"of": ReplyTemplate})
    if kept is not None and kept.revision != seen:
        name = kept.user.name if kept.user else "?"
        raise Refused("%(name)s 剛剛改過「%(title)s」，看過之後再決定。", name=name, title=kept.title)


def put(
    session: Session,
    template_id: int | None,
    category: str,
    title: str,
    text: str,
    *,
    serves: str = "",
    buttons: Sequence[str] = (),
    by: int | None = None,
    seen: int = 0,
) -> ReplyTemplate:
    """A new template, or what a known one says from now on; Refused where it could not be used, or somebody has
    written since it was `seen`."""
    kept = keeping.taken(session, ReplyTemplate, template_id, seen, SAID)
    title, text = title.strip(), text.strip()
    labels = list(dict.fromkeys(label.strip() for label in buttons if label.strip())) if serves else []
    _check(session, template_id, title, text)
    if serves:
        _check_greeting(session, template_id, serves, text, labels)
    said = {"category": category, "title": title[:60], "text": text, "serves": serves, "buttons": labels}
    return keeping.keep(session, kept, said, KEPT, by, title=title[:60])


def drop(session: Session, template_id: int, by: int) -> None:
    """It is offered no more; what was said with it stays said."""
    if kept := session.get(ReplyTemplate, template_id):
        enclosing.leave(session, kept.id, by)
        session.delete(kept)
        about = {"of": kept.id, "title": kept.title}
        journal.changed(session, "template.dropped", keeping.says(kept, SAID), {}, by=by, **about)


def _check_greeting(session: Session, template_id: int | None, serves: str, text: str, labels: Sequence[str]) -> None:
    greetings.check(text, labels)
    withheld.refuse(session, labels)
    others = [one.title for one in every(session) if one.serves == serves and one.id != template_id]
    if others:
        raise Refused("這時候說的已經有「%(title)s」，改那一則就好。", title=others[0])


def _check(session: Session, template_id: int | None, title: str, text: str) -> None:
    if not title:
        raise Refused("範本要有標題。")
    if not text:
        raise Refused("範本要有內容。")
    if strange := unknown_types(text):
        raise Refused("不認得欄位 %(field)s：類型只有 text、number、date、time。", field=strange[0])
    withheld.refuse(session, [text])
    others = [template for template in every(session) if template.id != template_id]
    if title in [template.title for template in others]:
        raise Refused("已經有「%(title)s」了，換一個標題。", title=title)
    if len(others) >= MOST:
        raise Refused("最多 %(most)s 個範本，先刪掉用不到的。", most=MOST)
