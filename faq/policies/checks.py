"""What keeps a draft from being tried and published: each mistake with its field and the mend.

What is high risk, by the draft or as shipped, is never answered by the bot alone; nor can a word of danger be taken
away, or made to weigh less. Staff may make the bot more careful, and less careful only where nobody can be harmed.
"""

from collections.abc import Iterator

from bot.errors import ContentError, Refused
from bot.matrix import Policy
from bot.nlu import policy
from bot.nlu.overlay import OVERRIDES, Changes
from bot.nlu.policy import Rules
from faq.policies.sheet import as_shipped, now_in

LABEL = 20  # characters of a LINE quick reply
SHORTEST_WORD = 2
CHOICES = {
    "matrix": ("auto", "hybrid", "review", "human"),
    "route": ("auto", "hybrid", "review", "human"),
    "risk": ("low", "high"),
    "complexity": ("simple", "complex"),
    "level": ("L3", "L2", "L1"),
    "priority": ("low", "normal", "high", "urgent"),
}


def mistakes(changes: Changes) -> list[Refused]:
    """All that is wrong; where single fields are, what they would do together is not asked yet."""
    found = [wrong for field, value in changes.items() for wrong in _of_field(field, value, changes)]
    if found:
        return found
    try:
        return list(_dangers(policy.made(changes), changes))
    except ContentError as error:
        return [Refused("這份草稿讀不通：%(problem)s", problem=str(error).splitlines()[0])]


def _of_field(field: str, value: object, changes: Changes) -> Iterator[Refused]:
    if field == OVERRIDES and isinstance(value, list):
        for number, row in enumerate(value):
            yield from (wrong.at(f"overrides[{number}].{wrong.field}") for wrong in _of_override(row, changes))
        return
    name, text = field.rpartition(".")[2], str(value)
    match field.split(".")[0], name:
        case "thresholds", _:
            yield from _of_threshold(field, text)
        case "intents", "title":
            yield from _of_title(field, text, changes)
        case "intents", "team" if text not in policy.shipped()[0].teams:
            yield Refused("沒有「%(team)s」這個團隊。", team=text).at(field)
        case "intents", "needs":
            yield from _of_needs(field, text)
        case "signals", "any":
            yield from _of_words(field, text)
        case part, _ if text not in CHOICES.get("matrix" if part == "matrix" else name, (text,)):
            yield Refused("「%(value)s」不在選項裡，重新選一次。", value=text).at(field)


def _of_threshold(field: str, text: str) -> Iterator[Refused]:
    try:
        good = 0 <= float(text) <= 1
    except ValueError:
        good = False
    if not good:
        yield Refused("門檻要是 0 到 1 之間的數字，例如 0.6。").at(field)


def _of_title(field: str, text: str, changes: Changes) -> Iterator[Refused]:
    if not 0 < len(text) <= LABEL:
        yield Refused("按鈕上的字要有 1 到 %(most)s 個字。", most=LABEL).at(field)
    titles = {name: held for name, held in now_in(changes).items() if name.endswith(".title")}
    if text in (held for name, held in titles.items() if name != field):
        yield Refused("另一個意圖的按鈕也寫「%(title)s」，顧客按了分不出來。", title=text).at(field)


def _of_needs(field: str, text: str) -> Iterator[Refused]:
    known = {need for own in policy.shipped()[0].intents.values() for need in own.needs}
    if unknown := [need for need in filter(None, text.split(", ")) if need not in known]:
        yield Refused(
            "不認得要收集的「%(need)s」，可用：%(known)s。", need=unknown[0], known=", ".join(sorted(known))
        ).at(field)


def _of_words(field: str, text: str) -> Iterator[Refused]:
    words = text.splitlines()
    if short := [word for word in words if len(word) < SHORTEST_WORD]:
        yield Refused("「%(word)s」太短，會比對到太多訊息；至少兩個字。", word=short[0]).at(field)
    shipped = as_shipped()
    if shipped[field.replace(".any", ".risk")] == "high":
        gone = [word for word in shipped[field].splitlines() if word not in words]
        if gone:
            yield Refused("「%(word)s」是出廠的危險用語，只能加字，不能刪。", word=gone[0]).at(field)


def _of_override(row: dict[str, str], changes: Changes) -> Iterator[Refused]:
    known = policy.shipped()[0]
    if not row["intent"] and not row["category"]:
        yield Refused("選一個意圖或類別，這條規則才知道管誰。").at("intent")
    if row["intent"] and f"intents.{row['intent']}.title" not in now_in(changes):
        yield Refused("沒有「%(name)s」這個意圖。", name=row["intent"]).at("intent")
    if row["category"] and row["category"] not in known.categories:
        yield Refused("沒有「%(name)s」這個類別。", name=row["category"]).at("category")
    if not row["reason"]:
        yield Refused("寫一句原因，客服和稽核會看到。").at("reason")
    for name in ("route", "level", "priority"):
        if row[name] not in CHOICES[name]:
            yield Refused("「%(value)s」不在選項裡，重新選一次。", value=row[name]).at(name)


def _dangers(made: Rules, changes: Changes) -> Iterator[Refused]:
    drafted, shipped = made[0], policy.shipped()[0]
    for cell in ("high_simple", "high_complex"):
        if getattr(drafted.matrix, cell) == "auto":
            yield Refused("高風險的訊息不能由機器人直接回答，改成等人核准或轉專人。").at(f"matrix.{cell}")
    for intent, own in drafted.intents.items():
        was = shipped.intents.get(intent, own)
        if "high" in (own.risk, was.risk) and drafted.route(intent) == "auto":
            yield Refused(
                "「%(title)s」是高風險，這樣改會變成機器人直接回答。改成等人核准或轉專人。", title=own.title
            ).at(_to_blame(intent, drafted, changes))
    for category in sorted(shipped.cared_for - drafted.cared_for):
        name = shipped.categories[category].name
        yield Refused("「%(category)s」一律由專人處理，這條規則不能拿掉或改掉。", category=name).at(OVERRIDES)
    for field, value in changes.items():
        dangerous = field.startswith("signals.") and field.endswith(".risk") and as_shipped().get(field) == "high"
        if dangerous and value != "high":
            yield Refused("這是危險用語，風險不能調低。").at(field)


def _to_blame(intent: str, drafted: Policy, changes: Changes) -> str:
    """The field that lets the bot answer it."""
    category = drafted.of(intent).category
    applying = (at for at, one in enumerate(drafted.overrides) if one.applies(intent, category))
    if (at := next(applying, None)) is not None:
        return f"overrides[{at}].route"
    own = (f"intents.{intent}.{name}" for name in ("risk", "complexity"))
    return next((field for field in own if field in changes), f"intents.{intent}.risk")
