"""What a discriminator and the generator it judges are trained on (Nazeri et al., section 3).

Discriminators give logits. nsgan is the non-saturating loss of Goodfellow et al. 2014; lsgan is
Mao et al. 2017, on probabilities as EdgeConnect's authors have it; hinge is Lim and Ye 2017.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Kind = Literal["nsgan", "lsgan", "hinge"]


class Critic(Protocol):
    """A discriminator: all its feature maps, the last being logits."""

    def features(self, x: Tensor) -> Sequence[Tensor]: ...


class Judgement(NamedTuple):
    """What a generator is told of its work."""

    adversarial: Tensor
    matching: Tensor


def discriminator_loss(kind: Kind, real: Tensor, fake: Tensor) -> Tensor:
    """Mean of what it costs to take true for false and false for true, from logits."""
    towards_true, towards_false = _SAYS[kind]
    return (towards_true(real) + towards_false(fake)) / 2


def generator_loss(kind: Kind, fake: Tensor) -> Tensor:
    """What it costs that the discriminator does not take the generated for true."""
    return -fake.mean() if kind == "hinge" else _SAYS[kind][0](fake)


def feature_matching(fake: Iterable[Tensor], real: Iterable[Tensor]) -> Tensor:
    """L1 between what the discriminator sees in both, summed over its layers (eq. 4).

    True maps are a target: they take no gradient.
    """
    pairs = zip(fake, real, strict=True)
    return torch.stack([F.l1_loss(a.float(), b.detach().float()) for a, b in pairs]).sum()


def criticise(kind: Kind, critic: Critic, *, real: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's loss on a batch; no gradient reaches the generator."""
    return discriminator_loss(
        kind, critic.features(real)[-1].float(), critic.features(fake.detach())[-1].float()
    )


def judge(kind: Kind, critic: Critic, *, real: Tensor, fake: Tensor) -> Judgement:
    """The generator's side of it. Wrap in `frozen(critic)` to keep the critic as it is."""
    with torch.no_grad():
        wanted = critic.features(real)
    found = critic.features(fake)
    return Judgement(generator_loss(kind, found[-1].float()), feature_matching(found, wanted))


@contextmanager
def frozen(network: nn.Module) -> Generator[None]:
    """Within, passes of this network take no gradients for its own parameters."""
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    try:
        for parameter in learning:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in learning:
            parameter.requires_grad_(True)


def _entropy_true(logits: Tensor) -> Tensor:
    return F.softplus(-logits).mean()  # -log sigmoid(x), without rounding to log 0


def _entropy_false(logits: Tensor) -> Tensor:
    return F.softplus(logits).mean()


def _square_true(logits: Tensor) -> Tensor:
    return (1 - torch.sigmoid(logits)).square().mean()


def _square_false(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits).square().mean()


def _hinge_true(logits: Tensor) -> Tensor:
    return F.relu(1 - logits).mean()


def _hinge_false(logits: Tensor) -> Tensor:
    return F.relu(1 + logits).mean()


_Says = Callable[[Tensor], Tensor]
_SAYS: Mapping[Kind, tuple[_Says, _Says]] = MappingProxyType(
    {
        "nsgan": (_entropy_true, _entropy_false),
        "lsgan": (_square_true, _square_false),
        "hinge": (_hinge_true, _hinge_false),
    }
)
