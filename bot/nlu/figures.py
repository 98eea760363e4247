"""What a release is judged by: shares, reliability and the price of answering more, all on texts unseen."""

from typing import Any

from numpy.typing import NDArray

from bot.nlu.acts import Acts, Flags
from bot.nlu.calibration import Verdicts, reliability, risk_coverage


def figures(verdicts: Verdicts, sure: Flags, truth: NDArray[Any], acts: Acts) -> dict[str, Any]:
    """The report of a training: `sure` are the verdicts that would be acted on."""
    missed = verdicts.top != truth
    wrong = ~acts.same[verdicts.top, truth]
    automatic = acts.automatic[verdicts.top]
    answers, handovers = sure & automatic, sure & ~automatic
    return {
        "texts": len(truth),
        "intents": len(acts.intents),
        "accuracy": _share(~missed),
        "accuracy_of_categories": _share(acts.category[verdicts.top] == acts.category[truth]),
        "accuracy_of_acts": _share(~wrong),
        "sure": _share(sure),
        "automatic": _share(automatic),
        "answered": _share(answers),
        "answered_of_answerable": _share(answers[acts.automatic[truth]]),
        "wrong_answers": _share(answers & wrong),
        "wrong_when_sure": _share(wrong[sure]),
        "wrong_when_answered": _share(wrong[answers]),
        "wrong_when_handed_over": _share(wrong[handovers]),
        "reliability": reliability(verdicts.confidence, wrong),
        "risk_coverage": risk_coverage(verdicts.confidence, wrong),
        "risk_coverage_of_answers": risk_coverage(verdicts.confidence[automatic], wrong[automatic]),
    }


def _share(flags: Flags) -> float:
    return round(float(flags.mean()), 4) if len(flags) else 0.0
