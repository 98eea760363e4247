"""Words of the mainland put as people in Taiwan say them, so that what is learned from one is known of the other.

Only for comparing texts: rules and lexicons read what the customer wrote. A table of plain words, each with one
meaning in a shop or at a lender; what can mean two things (登出, 券) is left alone.
"""

import re

SAID_HERE = {
    "出貨": ("發貨",),
    "配送": ("派送", "派件"),
    "司機": ("快遞員", "快遞小哥", "快遞師傅", "送貨員", "配送員", "派送員", "騎手", "外賣員"),
    "物流單號": ("快遞單號", "運單號", "快遞單"),
    "外送": ("外賣",),
    "缺貨": ("無貨", "斷貨"),
    "預購": ("預售",),
    "取消訂單": ("退單", "撤單"),
    "團購": ("拼團", "拼單"),
    "價保": ("保價", "價格保護", "價格保障"),
    "差價": ("價差", "差額"),
    "優惠券": ("優惠卷", "折價券", "代金券", "抵用券"),
    "點數": ("積分", "京豆"),
    "品質": ("質量",),
    "紙本": ("紙質",),
    "入帳": ("到帳",),
    "身分證": ("身份證",),
    "簡訊": ("短信",),
    "訊息": ("消息", "信息"),
    "審核": ("稽核",),
    "綁定": ("繫結",),
    "登入": ("登陸",),
    "聯徵": ("徵信", "征信"),
    "貸款": ("螞蟻借唄", "借唄", "微粒貸"),
    "手機號碼": ("手機號",),
    "螢幕": ("屏幕", "熒幕"),
    "影片": ("視頻",),
    "軟體": ("軟件",),
    "網路": ("網絡",),
    "列印": ("打印",),
    "訂單": ("定單",),
    "什麼時候": ("幾時", "多會兒"),
    "多久": ("多長時間",),
    "什麼": ("啥",),
    "怎麼": ("咋",),
    "我們": ("咱們", "咱", "俺們"),
    "哪裡": ("哪兒",),
    "這裡": ("這兒",),
    "一起": ("一塊兒",),
}
HERE = {word: here for here, words in SAID_HERE.items() for word in (*words, here)}
WORD = re.compile("|".join(sorted(HERE, key=len, reverse=True)))
# 「能到不」 and 「可以麼」 ask; a converter's 透過 with nothing behind it was 通过, a request that passed.
ASKS = re.compile(r"(?:(?<=[\u4e00-\u9fff]{2})不|(?<![什怎這那多要])麼)(?=\W*$)")
PASSED = re.compile(r"透過(?=[了嗎呢吧啊麼]|\W|$)")


def as_said_here(folded: str) -> str:
    """A folded text in the words that are used here."""
    text = WORD.sub(lambda found: HERE[found.group()], folded.replace("賬", "帳"))
    return PASSED.sub("通過", ASKS.sub("嗎", text))
