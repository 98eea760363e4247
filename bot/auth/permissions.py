"""Who may do what: one table, from permissions to roles. Every route names the permission that it asks for.

The roles: agent 一線, specialist 二線, helper 支援, department 部門窗口, supervisor 主管, editor 內容, reviewer 審核,
marketing 行銷, admin 管理. What someone may do with one case depends on the case as well: the desk says that.
"""

HELPER = "helper"
ROLES = ("agent", "specialist", HELPER, "department", "supervisor", "editor", "reviewer", "marketing", "admin")

TABLE = {
    "self": frozenset(ROLES),
    "desk.work": frozenset({"agent", "specialist", "supervisor", "admin"}),
    "desk.decide": frozenset({"specialist", "supervisor", "admin"}),
    "desk.lead": frozenset({"supervisor", "admin"}),
    "case.helped": frozenset({"agent", "specialist", HELPER, "supervisor", "admin"}),
    "case.joined": frozenset({"agent", "specialist", HELPER, "department", "supervisor", "admin"}),
    "told": frozenset(ROLES) - {"marketing"},
    "content.edit": frozenset({"editor", "reviewer", "supervisor", "admin"}),
    "content.approve": frozenset({"reviewer", "supervisor", "admin"}),
    "marketing.run": frozenset({"marketing", "supervisor", "admin"}),
    "house.run": frozenset({"admin"}),
}
"""self: one's own account. desk.work: take cases and answer. desk.decide: end cases. desk.lead: everybody's cases,
rules, what went wrong. case.helped: cases of a team in a rush. case.joined: the cases that one was asked into.
told: the bell, and how one wishes to be told. content.edit: what is answered. content.approve: what of it goes live.
marketing.run: campaigns, who took part, what is written to them. house.run: users and teams."""

HELPING = frozenset({"claim", "reply", "note", "propose", "queue"})
"""What a helper may do with a case of the team that she helps, while the rush lasts: take it, answer, write notes,
ask whether it is solved, give it back to the team's queue. Nothing else that may be done with a case."""


def roles(permission: str) -> frozenset[str]:
    """The roles that may; ValueError where nobody has heard of such a permission."""
    if permission not in TABLE:
        raise ValueError(f"there is no permission {permission!r}; the table has {', '.join(TABLE)}")
    return TABLE[permission]


def may(role: str, permission: str) -> bool:
    return role in roles(permission)


def covers(role: str, other: str) -> bool:
    """Whether a role may do everything that another may: only then does it hand out that one's keys."""
    return all(role in who for who in TABLE.values() if other in who)
