"""Pictures of articles: what an editor handed in, drawn anew by us, upright and with nothing hidden in it.

A picture's key is its address. Strangers see what an article shows customers today, colleagues all that it has. The
row comes first and belongs to its article when the file is there: what broke off, or was taken away, goes again within
the hour.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, TypeVar

import structlog
from markdown_it.token import Token
from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot import attachments, db
from bot.attachments import pictures
from bot.clock import now
from bot.errors import Refused
from bot.services import Services
from bot.sweeper import every
from bot.transactions import transact
from faq.articles import rendering, valid, versions
from faq.articles.content import Content, live, read, working
from faq.models import Article, ArticlePicture, TemplateFile

PAGE = (1600, 1600)
MOST = 20  # of an article
BYTES = 10_000_000
KEPT_UNUSED = timedelta(hours=1)
Kept = TypeVar("Kept", ArticlePicture, TemplateFile)
PATH = "/help/pictures/"
MARK = "!["  # how a picture begins in Markdown
ADDRESS = re.compile(re.escape(PATH) + r"([0-9a-f-]{36})")

log = structlog.get_logger()


def address(key: str) -> str:
    """Where a picture is read, within our own pages."""
    return f"{PATH}{key}"


def take_in(current: Services, article_id: int, name: str, file: IO[bytes], by: int) -> ArticlePicture:
    """Keep a picture for an article; Refused where it is none, or too large."""
    whole, small = _drawn(file)
    begun = transact(current.sessions, lambda session: _begin(session, article_id, name, whole, by))
    store = attachments.store(current.settings)
    try:
        store.put(begun.key, io.BytesIO(whole.jpeg))
        store.put(attachments.small_copy(begun.key), io.BytesIO(small.jpeg))
    except OSError as error:
        log.error("article.picture_not_kept", error=type(error).__name__, errno=error.errno)
        raise Refused("現在沒有地方存放檔案，請稍後再試。").at("file") from error

    def belongs(session: Session) -> ArticlePicture:
        kept = session.get_one(ArticlePicture, begun.id)
        kept.article_id = article_id
        return kept

    return transact(current.sessions, belongs)


def of(session: Session, article: Article | None) -> Sequence[ArticlePicture]:
    """The pictures of an article, in the order in which they came."""
    if article is None:
        return ()
    own = select(ArticlePicture).where(ArticlePicture.article_id == article.id)
    return session.scalars(own.order_by(ArticlePicture.id)).all()


def shown(session: Session, key: str) -> ArticlePicture | None:
    """The picture of this key, unless it was taken away."""
    here = ArticlePicture.key == key, ArticlePicture.article_id.is_not(None)
    return session.scalars(select(ArticlePicture).where(*here)).one_or_none()


def for_customers(session: Session, picture: ArticlePicture) -> bool:
    """Whether its article is online, and shows it elsewhere than among what is internal."""
    article = session.scalar(select(Article).where(Article.id == picture.article_id, valid.counting()))
    if article is None:
        return False
    content = live(article)
    return picture.key in (*_chosen(content), *ADDRESS.findall(content.page))


def take_away(session: Session, article: Article, picture_id: int) -> None:
    """Nobody sees it any more; Refused while the article shows it, or would again if it were restored."""
    found = session.get(ArticlePicture, picture_id)
    if found is None or found.article_id != article.id:
        raise Refused("找不到這張圖片。").at("file")
    if found.key in (*named(live(article)), *named(working(article))):
        raise Refused("文章還用著這張圖片，先從內容裡拿掉。").at("file")
    if any(found.key in named(read(version.content)) for version in versions.lived(session, article)):
        raise Refused("上線過的版本還用著這張圖片，留著才能還原。").at("file")
    found.article_id = None


def missing(session: Session, article: Article | None, content: Content) -> list[Refused]:
    """A refusal for each field that shows a picture which the article does not have."""
    sources = list(_sources(content))
    drawn = [content.card.picture] if content.card and content.card.picture else []
    chosen = [*(("picture", key) for key in content.pictures), *(("card", key) for key in drawn)]
    known = {address(picture.key) for picture in of(session, article)} if sources or chosen else set()
    return [
        *(Refused("這張圖片已經不在了，重新選一張。").at(field) for field, key in chosen if address(key) not in known),
        *(_broken(source).at(field) for field, source in sources if source not in known),
    ]


def _broken(source: str) -> Refused:
    return Refused("圖片「%(source)s」打不開：先上傳到這篇，再插入它的連結。", source=source[:120])


def named(content: Content) -> Iterator[str]:
    """The keys of the pictures that it shows."""
    yield from _chosen(content)
    for passage in content.passages:
        yield from ADDRESS.findall(passage.text)


def _chosen(content: Content) -> list[str]:
    """The keys of those that a chat shows."""
    return [key for key in (*content.pictures, content.card.picture if content.card else "") if key]


@every(600)
def forget(current: Services) -> None:
    """What belongs to no article any more, or never did, is removed."""
    let_go(current, ArticlePicture, ArticlePicture.article_id)


def let_go(current: Services, kind: type[Kept], owner: InstrumentedAttribute[int | None]) -> None:
    """Remove the files of a kind that for long had no owner, and then their rows."""
    old = owner.is_(None), kind.created_at < now() - KEPT_UNUSED
    with db.reading(current.sessions) as session:
        gone = session.scalars(select(kind).where(*old).limit(100)).all()
    for one in gone:
        attachments.store(current.settings).remove(one.key, attachments.small_copy(one.key))
    leaving = delete(kind).where(kind.id.in_([one.id for one in gone]))
    if gone:
        transact(current.sessions, lambda session: session.execute(leaving))


def _drawn(file: IO[bytes]) -> tuple[pictures.Picture, pictures.Picture]:
    """As pages show it, and small."""
    if file.seek(0, io.SEEK_END) > BYTES:
        raise Refused("圖片太大，上限是 %(limit)d MB。", limit=BYTES // 1_000_000).at("file")
    try:
        whole, small = pictures.small(file, PAGE), pictures.small(file)
    except pictures.TooManyPixels:
        raise Refused("這張圖片的尺寸太大，請縮小後再傳。").at("file") from None
    if whole is None or small is None:
        raise Refused("這個檔案不是圖片；用 JPEG、PNG、GIF 或 WebP。").at("file")
    return whole, small


def _begin(session: Session, article_id: int, name: str, whole: pictures.Picture, by: int) -> ArticlePicture:
    article = session.get(Article, article_id)
    if article is None:
        raise Refused("這篇文章已經不在了。")
    if len(of(session, article)) >= MOST:
        raise Refused("一篇最多 %(most)s 張圖片，先移除用不到的。", most=MOST).at("file")
    named = name.replace("\\", "/").rpartition("/")[2].strip()[:80]
    begun = ArticlePicture(name=named, width=whole.width, height=whole.height, user_id=by)
    session.add(begun)
    session.flush()
    return begun


def _sources(content: Content) -> Iterator[tuple[str, str]]:
    """The field and the address of each picture in the text, however it is written."""
    for passage in content.passages:
        for token in _flat(rendering.tokens(passage.text)) if MARK in passage.text else ():
            if token.type == "image":
                yield "internal" if passage.internal else "page", str(token.attrs.get("src", ""))


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())
