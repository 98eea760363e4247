"""One word for what is said in several ways: a form asks 「如何」, a chat 「怎麼」, and both ask the same.

Only for comparing texts, after words of the mainland are put as those used here. Sentences are learned from in the
words of chats; who fills in a form, or writes politely, would be a stranger without this.
"""

import re

SAID_PLAINLY = {
    "怎麼": ("如何", "怎樣", "怎麼樣", "該怎麼", "應該怎麼", "要怎麼", "怎麼才能"),
    "為什麼": ("為何", "為毛"),
    "什麼時候": ("何時",),
    "可以": ("能不能", "可不可以", "能否", "可否", "是否可以", "是否能", "是不是可以", "能夠", "可不可", "有辦法"),
    "是不是": ("是否",),
    "不能": ("無法", "沒辦法", "沒法", "不可以"),
    "還沒": ("尚未", "還未", "還沒有"),
    "現在": ("目前", "當前"),
    "想問": ("想諮詢", "想詢問", "想請教", "想請問"),
    "你": ("您",),
    "你們": ("貴公司", "貴司", "貴店", "貴行"),
    "看": ("查看", "檢視"),
    "買": ("購買", "選購", "訂購", "購入"),
    "東西": ("商品", "產品", "貨品"),
    "這個": ("這款", "這件", "這台", "這支", "這隻", "這雙", "這組", "這套", "這瓶"),
    "那個": ("那款", "那件", "那台", "那支", "那隻", "那雙", "那組", "那套", "那瓶"),
    "哪個": ("哪款", "哪一款", "哪一個", "哪台", "哪一台", "哪支", "哪組"),
    "配送": ("寄送", "運送", "遞送"),
    "免運": ("包郵", "免運費"),
    "運費": ("郵費", "快遞費", "郵資"),
    "到府": ("上門",),
    "自取": ("自提",),
    "包裹": ("快件",),
    "週": ("禮拜", "星期", "周"),
    "退款": ("退費", "退錢"),
    "付款": ("支付",),
    "支付寶": ("支付寶",),
    "支付命令": ("支付命令",),
    "專用發票": ("專票",),
    "開": ("開具", "開立"),
    "保存期限": ("保質期", "有效期限", "賞味期限", "有效期"),
    "貸款": ("信用貸款", "信貸", "借款", "借錢", "借貸"),
    "申請": ("申辦", "辦理"),
    "撥款": ("放款", "下款"),
    "審核": ("審批", "審查", "審件"),
    "提高額度": ("提額", "調高額度", "提升額度", "調額度"),
    "資料": ("文件",),
    "薪水": ("薪資", "工資"),
}
PLAIN = {way: plain for plain, ways in SAID_PLAINLY.items() for way in ways}
WAY = re.compile("|".join(sorted(PLAIN, key=len, reverse=True)))


def plainly(text: str) -> str:
    """A folded text in the plainest words."""
    return WAY.sub(lambda found: PLAIN[found.group()], text)
