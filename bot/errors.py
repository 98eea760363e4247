"""Errors that carry a verdict: who is told, and whether trying again can help."""


class FrontlineError(Exception):
    """Base of the errors that we raise on purpose."""


class SettingsError(FrontlineError):
    """A setting is missing or wrong; the text names it and the mend."""


class BrokerAway(FrontlineError):
    """Redis does not answer."""


class JobTimedOut(BaseException):
    """A job has had its time. No Exception, so that nobody takes it for a failure of what he tried, and goes on."""


class Reasoned(FrontlineError):
    """`reason` is a translatable sentence for whoever reads it, filled with `facts`."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts

    def __str__(self) -> str:
        return self.reason % self.facts if self.facts else self.reason


class Refused(Reasoned):
    """A person's action is refused. `field` names what of a form is wrong, where it is one field."""

    field = ""

    def at(self, field: str) -> "Refused":
        """The same, said of a field."""
        self.field = field
        return self


class SendError(FrontlineError):
    """A channel did not take a message. `status` is the platform's answer; `retry_after`: it said when to come back."""

    def __init__(self, reason: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after


class TemporarySendError(SendError):
    """Certainly not sent; trying again later can help."""


class CallTooLate(SendError):
    """Certainly not sent: its sender was held up, and by now another process may be making the call."""


class QuotaReached(SendError):
    """Certainly not sent: the account has used up the pushes of this month."""


class UnknownOutcome(SendError):
    """It may have been sent (time-out, broken connection, 5xx)."""


class ReplyTokenRefused(SendError):
    """The reply token is used, expired or unknown; the platform does not tell which."""


class PermanentSendError(SendError):
    """The platform will never take this message."""


class FileError(FrontlineError):
    """A file of a customer's was not got from the platform. `retry_after`: it said when to come back."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class FileAway(FileError):
    """Not now; trying again later can help."""


class FileGone(FileError):
    """The platform has it no longer, or never had it."""


class FileTooLarge(FileError):
    """It is larger than we keep."""


class OrdersAway(FrontlineError):
    """The shop's order system cannot be asked now; the text tells the operator why."""


class ChangeRefused(Reasoned):
    """The shop's order system does not make a change; the reason tells staff why."""


class ChangeUnderWay(FrontlineError):
    """The shop's order system took a cancellation and makes it by and by: the order itself tells when it is made."""


class ChangeUnclear(Reasoned):
    """Nobody knows whether the shop's order system made a change; the reason tells staff what happened."""


class ChangeBrokeOff(ChangeUnclear):
    """The order system was called, and did not answer."""


class ContentError(FrontlineError):
    """A file of policy, rules or training data is wrong; the text names the place and the mend."""
