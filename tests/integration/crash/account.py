"""A few lines that say what a run was like; the seed in the first repeats it."""

from collections import Counter

from tests.integration.crash.run import Run


def account(run: Run) -> str:
    deliveries, threads = run.courier.deliveries, run.threads.values()
    events = Counter(event.state for thread in threads for event in thread.events)
    outbox = Counter(row.state for thread in threads for row in thread.outbox)
    rate, arrived = len(deliveries) / run.wrote_for, sum(map(len, run.platform.arrived.values()))
    return "\n".join(
        (
            f"seed {run.seed}: {len(deliveries)} messages of {len(run.people)} customers in {run.wrote_for:.0f} s "
            f"({rate:.0f} a second), at rest {run.quiet_after:.0f} s later",
            f"  harm      {_counts(run.chaos.done)}",
            f"  webhook   {_counts(run.courier.answers)}",
            f"  events    {_counts(events)}; {sum(d.tries > 1 for d in deliveries)} delivered more than once",
            f"  turns     {run.answered()} answered, {sum(len(thread.tickets) for thread in threads)} cases",
            f"  outbox    {_counts(outbox)}",
            f"  LINE      {arrived} messages arrived; {_counts(run.platform.calls)}",
        )
    )


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(counter.items()))
