"""Pictures of an article: taken in, and taken away."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.auth.bodies import files_too
from bot.errors import Refused
from faq.articles import drafting, pictures
from faq.visit import do, keepers, services
from faq.writing.editing import refusal
from faq.writing.visit import blueprint, doer


@blueprint.post("/<int:article_id>/pictures")
@files_too
@keepers
def add_picture(article_id: int) -> ResponseReturnValue:
    """A picture to be put into the text, or beside the words of the chat."""
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise Refused("先選一張圖片。").at("file")
        pictures.take_in(services(), article_id, given.filename, given.stream, doer().id)
    except Refused as refused:
        return refusal(article_id, refused)
    flash(gettext("圖片已上傳。選它給聊天用，或插入長文。"))
    return redirect(url_for("articles.edit", article_id=article_id, _anchor="pictures"))


@blueprint.post("/<int:article_id>/pictures/<int:picture_id>/remove")
@keepers
def remove_picture(article_id: int, picture_id: int) -> ResponseReturnValue:
    """From now on nobody sees it."""

    def work(session: Session) -> None:
        pictures.take_away(session, drafting.locked(session, article_id), picture_id)

    try:
        do(work)
    except Refused as refused:
        return refusal(article_id, refused)
    flash(gettext("圖片已移除。"))
    return redirect(url_for("articles.edit", article_id=article_id, _anchor="pictures"))
