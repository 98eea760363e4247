"""Things to try on the phone, and the stickers (own drawings) and places that can be sent."""

from flask_babel import gettext as _

Suggestions = list[tuple[str, list[tuple[str, str]]]]


def suggestions() -> Suggestions:
    """(heading, [(what to send, what will happen)]); the texts to send are Chinese in every language."""
    return [
        (
            _("常見問題"),
            [
                ("運費怎麼算？", _("自動回答")),
                ("多久會到貨", _("自動回答")),
                ("我的訂單到哪了", _("查到就直接回答，附物流連結")),
            ],
        ),
        (
            _("出了問題"),
            [
                ("收到的烤箱玻璃破了", _("給真人，同時請顧客補資料")),
                ("小孩被燙到了", _("馬上給真人，L1")),
                ("我要找真人", _("馬上給真人")),
            ],
        ),
        (
            _("聽不懂的時候"),
            [
                ("那個可以嗎", _("反問，最多 3 個選項")),
                ("今天天氣好嗎", _("承認不會，不硬答")),
            ],
        ),
    ]


def stickers() -> list[dict[str, str]]:
    """Our own stickers; `words` is what LINE would send along as keywords."""
    said = (_("謝謝"), _("好的"), _("拜託"), _("難過"), _("生氣"), _("太棒了"))
    return [{"id": str(number), "words": words} for number, words in enumerate(said, start=1)]


def places() -> list[dict[str, str | float]]:
    """Places that the phone can send."""
    return [
        _place("家", "台北市大安區和平東路二段 96 號", 25.0252, 121.5433),
        _place("公司", "新北市板橋區縣民大道二段 7 號", 25.0143, 121.4637),
    ]


def _place(title: str, address: str, latitude: float, longitude: float) -> dict[str, str | float]:
    return {"title": title, "address": address, "latitude": latitude, "longitude": longitude}
