"""The classifier of `bot.nlu.algorithm` in Rasa's pipeline: learns from Rasa's training data, ranks intents.

Every answer names the release that it was learned for and the threshold that judged it, since the application
listens only to a server that understands as its own release does.
"""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.algorithm import Example, Model, Prediction, Targets, train, trouble

OUTPUT = "frontline"
STRANGE = "龘"  # no characters decide about it, so the embedding is loaded now, not while the first customer waits


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Classifier(IntentClassifier, GraphComponent):
    """Rasa makes it with `create` to train and with `load` to understand; both must name all their types."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: Model | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What the application fills in: release, policy, how often it may be wrong, and whether it embeds."""
        return {
            "release": "",
            "answered": [],
            "categories": {},
            "wrong_answers": Targets().answers,
            "embedding": None,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "Classifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "Classifier":
        _require_same_senses(config)
        with model_storage.read_from(resource) as folder:
            model = Model.load(folder)
        model.predict(STRANGE)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        _require_same_senses(self._config)
        examples = [Example(message.get(TEXT), message.get(INTENT)) for message in training_data.intent_examples]
        config = self._config
        lesson = frozenset(config["answered"]), config["categories"], Targets(answers=config["wrong_answers"])
        self._model, _ = train(examples, *lesson)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._model and message.get(TEXT):
                self._tell(message, self._model.predict(message.get(TEXT)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing behind this in the pipeline learns from what it says."""
        return training_data

    def _tell(self, message: Message, prediction: Prediction) -> None:
        ranking = [
            {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence} for name, confidence in prediction.ranking
        ]
        threshold = prediction.threshold
        judged_by = {"release": self._config["release"], "accept": threshold.accept, "margin": threshold.margin}
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(OUTPUT, judged_by, add_to_output=True)


def _require_same_senses(config: dict[str, Any]) -> None:
    """A server with the embedding, and an application without it or the reverse, would not agree: refuse."""
    wanted, wrong = config["embedding"], trouble()
    if wanted is not None and wanted == bool(wrong):
        here = wrong or "it works here"
        raise InvalidConfigException(f"The application {'uses' if wanted else 'lacks'} the embedding; {here}.")
