"""LINE's rich menus: one while the bot has a conversation and one while a person has it, drawn by content staff.

What is live is made at each LINE account by rows that are due (`making`); whom a person has is linked with that
person's menu, and unlinked when the bot has him again (`linking`).
"""
