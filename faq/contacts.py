"""Whom one calls in other departments: name, telephone, e-mail, hours, and for what. For colleagues."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import journal
from bot.errors import Refused
from bot.language import fold
from bot.ports import Contact
from faq import keeping
from faq.models import DepartmentContact

LONGEST = {"name": 80, "phone": 40, "email": 254, "hours": 200, "about": 500, "category": 40}
MOST = 300
KEPT = "contact.kept"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"[\d+#*() ,.\-轉分機extEXT]{3,40}")


def every(session: Session) -> Sequence[DepartmentContact]:
    """All of them, by name."""
    return session.scalars(select(DepartmentContact).order_by(DepartmentContact.name, DepartmentContact.id)).all()


def find(session: Session, query: str, category: str, limit: int) -> list[Contact]:
    """Those that hold every word; where nothing was looked for, those of the category."""
    asked = fold(query).split()
    fits = [one for one in every(session) if (_holds(one, asked) if asked else category and one.category == category)]
    return [Contact(one.name, one.phone, one.email, one.hours, one.about) for one in fits[:limit]]


def put(
    session: Session, contact_id: int | None, said: Mapping[str, str], by: int, *, seen: int = 0
) -> DepartmentContact:
    """A new one, or what is true of a known one from now on; Refused where nobody could be reached, or somebody has
    written since it was `seen`."""
    kept = keeping.taken(session, DepartmentContact, contact_id, seen, tuple(LONGEST))
    given = {name: said.get(name, "").strip()[:most] for name, most in LONGEST.items()}
    _check(given)
    if contact_id is None and len(every(session)) >= MOST:
        raise Refused("最多 %(most)s 個聯絡方式，先刪掉用不到的。", most=MOST).at("name")
    return keeping.keep(session, kept, given, KEPT, by, name=given["name"])


def drop(session: Session, contact_id: int, by: int) -> None:
    """Nobody is sent there any more."""
    if kept := session.get(DepartmentContact, contact_id):
        session.delete(kept)
        journal.write(session, "contact.dropped", user_id=by, of=contact_id, name=kept.name)


def _check(given: Mapping[str, str]) -> None:
    if not given["name"]:
        raise Refused("寫部門或窗口的名稱。").at("name")
    if not given["phone"] and not given["email"]:
        raise Refused("電話和信箱至少寫一個。").at("phone")
    if given["phone"] and not PHONE.fullmatch(given["phone"]):
        raise Refused("電話只寫號碼和分機，例如 02-2345-6789 轉 12。").at("phone")
    if given["email"] and not EMAIL.fullmatch(given["email"]):
        raise Refused("信箱要像 name@shop.example。").at("email")


def _holds(one: DepartmentContact, asked: Sequence[str]) -> bool:
    said = fold(" ".join((one.name, one.about, one.hours, one.phone, one.email)))
    return all(word in said for word in asked)
