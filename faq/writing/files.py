"""Articles as a file, and a file of articles, with a line for each row that was refused."""

from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from faq import drafts
from faq.drafts import Saved, UnreadableFile
from faq.visit import do, keepers, reading, told
from faq.writing.listing import listed
from faq.writing.visit import blueprint, doer

TYPES = {"yml": "application/yaml", "csv": "text/csv"}
NAMED = "faq"
SUFFIXES = (".csv", ".yml", ".yaml")


@blueprint.get("/export")
@keepers
def export() -> ResponseReturnValue:
    """All of them, as a table or as YAML."""
    form = "csv" if request.args.get("form") == "csv" else "yml"
    with reading() as session:
        found = drafts.entries(session)
    text = drafts.as_csv(found) if form == "csv" else drafts.as_yaml(found)
    saved_as = {"Content-Disposition": f"attachment; filename={NAMED}.{form}"}
    return Response(text, content_type=f"{TYPES[form]}; charset=utf-8", headers=saved_as)


@blueprint.post("/import")
@keepers
def take_in() -> ResponseReturnValue:
    """Rows of a file become drafts: what is online is changed in the editor, or by an operator."""
    problem, saved = "", None
    try:
        saved = _saved()
    except UnreadableFile as unreadable:
        problem = told(unreadable)
    with reading() as session:
        known = {"article": None, "problem": problem, "saved": saved}
        return render_template("content/articles/page.html", **known, **listed(session)), 409 if problem else 200


def _saved() -> Saved:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise UnreadableFile("先選一個 .csv 或 .yml 檔。")
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{NAMED}{_suffix(given.filename)}")
        given.save(path)
        rows = drafts.read(path)
    by = doer().id
    return do(lambda session: drafts.save(session, rows, publish=False, by=by))


def _suffix(filename: str) -> str:
    """How the file's name ends, whatever it is called before that."""
    return next((end for end in SUFFIXES if filename.lower().endswith(end)), "")
