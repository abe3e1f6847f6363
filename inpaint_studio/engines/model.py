"""From an engine's setup to the networks it runs."""

from dataclasses import replace
from math import lcm
from typing import TypeVar

from torch import nn

from inpaint_studio.engines.api import EngineSetup
from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.weights.architectures import load_network
from inpaint_studio.weights.card import ModelCard

Network = TypeVar("Network", bound=nn.Module)


def required_card(setup: EngineSetup, engine: str) -> ModelCard:
    """The setup's card.

    Raises:
        WeightsError: there is none, or it is for another engine.
    """
    if setup.card is None:
        raise WeightsError(f"The engine “{engine}” needs a model: choose one of its models.")
    if setup.card.engine != engine:
        raise WeightsError(
            f"The model “{setup.card.name}” is made for the engine “{setup.card.engine}”, "
            f"not for “{engine}”: choose another model."
        )
    return setup.card


def size_rule_of(card: ModelCard, *, multiple_of: int) -> SizeRule:
    """The card's size rule, with sides that the network can halve as often as it does."""
    rule = card.size_rule
    return replace(rule, multiple_of=lcm(rule.multiple_of, multiple_of))


def load_part(setup: EngineSetup, role: str, kind: type[Network]) -> Network:
    """The network that has a role in the setup's model, on the CPU.

    Raises:
        WeightsError: the file is missing, broken, or holds another network.
    """
    path = setup.files.get(role)
    if path is None:
        name = setup.card.name if setup.card else "without a card"
        raise WeightsError(f"The weights “{role}” of the model “{name}” are missing: import them.")
    network = load_network(path)
    if not isinstance(network, kind):
        raise WeightsError(
            f"{path} holds a {type(network).__name__}, where a {kind.__name__} is needed: "
            "import the right file."
        )
    return network
