"""The stages `edges`, `completion`, `completion-on-generated` and `joint`: Nazeri et al. 2019,
sections 3 and 4.2."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inpaint_studio.imaging.edges import lines_of
from inpaint_studio.networks.discriminator import PatchDiscriminator
from inpaint_studio.networks.edge_connect import CompletionGenerator, EdgeGenerator
from inpaint_studio.training.adversarial import criticise, frozen, judge
from inpaint_studio.training.config import Config
from inpaint_studio.training.losses import (
    Features,
    balanced_edge_entropy,
    composed,
    l1_per_hole,
    perceptual,
    style,
)
from inpaint_studio.training.partial_conv_stage import halved
from inpaint_studio.training.stage import Learner, Machine, Sample, Turn


class EdgeStage:
    """G1 draws the Canny edges of the hole; D1 sees the grey picture with its edges."""

    def __init__(self, network: EdgeGenerator, config: Config, *, on: Machine) -> None:
        self._network = network
        self._config = config
        self._on = on
        self._critic: PatchDiscriminator | None = None
        learners = [Learner("generator", {"edges": network}, config.rate, config.betas)]
        if config.edges.adversarial or config.edges.feature_matching:
            self._critic = PatchDiscriminator(2, width=config.network.discriminator_width)
            learners.append(_critic_learner(self._critic.to(on.device), config))
        self.learners = tuple(learners)
        self.begin()

    def begin(self) -> None:
        _train(self.learners)

    def turns(self, sample: Sample, step: int) -> Iterator[Turn]:
        weights, hole = self._config.edges, sample.hole
        logits = draw_logits(self._network, sample, self._on)
        alone = self._critic is None or step < weights.adversarial_from
        entropy = weights.cross_entropy or (1.0 if alone else 0.0)
        losses: dict[str, Tensor] = {}
        if entropy:
            told = balanced_edge_entropy(logits, sample.edges, hole, mean=self._on.group.mean)
            losses["entropy"] = entropy * told
        if self._critic is not None and not alone:
            kind, grey = weights.gan, grey_of(sample.photo)
            real = torch.cat([grey, sample.edges], dim=1)
            fake = torch.cat([grey, torch.sigmoid(logits)], dim=1)
            with self._on.passing():
                told = criticise(kind, self._critic, real=real, fake=fake)
            yield Turn(self.learners[1], {"discriminator": told})
            with self._on.passing(), frozen(self._critic):
                judged = judge(kind, self._critic, real=real, fake=fake)
            losses["adversarial"] = weights.adversarial * judged.adversarial
            losses["matching"] = weights.feature_matching * judged.matching
        yield Turn(self.learners[0], losses)

    def preview(self, sample: Sample) -> list[Tensor]:
        self._network.eval()
        drawn = torch.sigmoid(draw_logits(self._network, sample, self._on))
        merged = composed(drawn, sample.edges, sample.hole)
        known = sample.photo * (1 - sample.hole) + sample.hole
        return [known, sample.edges * (1 - sample.hole), merged, sample.edges]


class CompletionStage:
    """G2 colours the hole in; D2 sees the whole picture as G2 gives it.

    `completion` hands it the true edges, `completion-on-generated` those a finished G1 draws in
    the hole. In `joint` G1 learns too, from what G2 makes of its edges, and there is no D1.
    """

    def __init__(
        self,
        network: CompletionGenerator,
        config: Config,
        *,
        edge_network: EdgeGenerator | None,
        features: Features | None,
        on: Machine,
    ) -> None:
        self._network = network
        self._edge_network = edge_network if config.stage != "completion" else None
        self._config = config
        self._features = features
        self._on = on
        networks: dict[str, nn.Module] = {"completion": network}
        if config.stage == "joint" and edge_network is not None:
            networks["edges"] = edge_network
        learners = [Learner("generator", networks, config.rate, config.betas)]
        self._critic: PatchDiscriminator | None = None
        if config.completion.adversarial:
            self._critic = PatchDiscriminator(3, width=config.network.discriminator_width)
            learners.append(_critic_learner(self._critic.to(on.device), config))
        self.learners = tuple(learners)
        self.begin()

    def begin(self) -> None:
        if self._edge_network is not None:
            self._edge_network.eval()
        _train(self.learners)

    def turns(self, sample: Sample, step: int) -> Iterator[Turn]:
        weights = self._config.completion
        output = self._fill(sample, self._edges(sample, step))
        truth, hole = sample.photo, sample.hole
        mean = self._on.group.mean
        losses = {"l1": weights.l1 * l1_per_hole(output, truth, hole, mean=mean)}
        if self._features is not None and step % self._config.features.every == 0:
            losses |= self._compare(self._features, output, truth, hole)
        if self._critic is not None:
            with self._on.passing():
                told = criticise(weights.gan, self._critic, real=truth, fake=output)
            yield Turn(self.learners[1], {"discriminator": told})
            with self._on.passing(), frozen(self._critic):
                judged = judge(weights.gan, self._critic, real=truth, fake=output)
            losses["adversarial"] = weights.adversarial * judged.adversarial
        yield Turn(self.learners[0], losses)

    def preview(self, sample: Sample) -> list[Tensor]:
        self._network.eval()
        if self._edge_network is not None:
            self._edge_network.eval()
        edges = self._edges(sample, 1)
        filled = composed(self._fill(sample, edges), sample.photo, sample.hole)
        return [sample.photo * (1 - sample.hole) + sample.hole, edges, filled, sample.photo]

    def _edges(self, sample: Sample, step: int) -> Tensor:
        """True edges round the hole, and in it those this stage learns from."""
        every = self._config.completion.true_edges_every
        if self._edge_network is None or (every and step % every == every - 1):
            return sample.edges
        with torch.set_grad_enabled(torch.is_grad_enabled() and self._config.stage == "joint"):
            drawn = torch.sigmoid(draw_logits(self._edge_network, sample, self._on))
        edges = composed(drawn, sample.edges, sample.hole)
        if not self._config.completion.lines:
            return edges
        return composed(_lines(edges, self._config.completion.lines), edges, sample.hole)

    def _fill(self, sample: Sample, edges: Tensor) -> Tensor:
        known = sample.photo * (1 - sample.hole) + sample.hole
        with self._on.passing():
            logits = self._network.logits(torch.cat([known, edges], dim=1).contiguous())
        return (torch.tanh(logits.float()) + 1) / 2

    def _compare(
        self, features: Features, output: Tensor, truth: Tensor, hole: Tensor
    ) -> dict[str, Tensor]:
        """Look of the whole picture; texture of the hole, the rest of both pictures black."""
        weights, pair = self._config.completion, (output, truth)
        if self._config.features.half_size:
            pair, hole = (halved(output), halved(truth)), -F.max_pool2d(-hole, 2)
        losses: dict[str, Tensor] = {}
        with self._on.passing():
            if weights.perceptual:
                found, wanted = (features(picture).perceptual for picture in pair)
                losses["perceptual"] = weights.perceptual * perceptual(found, wanted)
            if weights.style:
                found, wanted = (features(picture * hole).style for picture in pair)
                losses["style"] = weights.style * style(found, wanted)
        return losses


def _lines(edges: Tensor, thresholds: tuple[float, ...]) -> Tensor:
    """The lines in each map of a batch (B, 1, H, W); no gradient goes through them."""
    low, high = thresholds
    maps: npt.NDArray[np.float32] = edges.detach().float().cpu().numpy()[:, 0]
    drawn = np.stack([lines_of(each, low=low, high=high) for each in maps])
    return torch.from_numpy(drawn)[:, None].to(edges)


def grey_of(picture: Tensor) -> Tensor:
    """Grey (B, 1, H, W) of RGB, weighted as Canny sees it (scikit-image's rgb2gray)."""
    weights = picture.new_tensor([0.2125, 0.7154, 0.0721])[:, None, None]
    return (picture * weights).sum(1, keepdim=True)


def draw_logits(network: EdgeGenerator, sample: Sample, on: Machine) -> Tensor:
    """What G1 says of each pixel, (B, 1, H, W). It sees grey, known edges and the hole."""
    known = 1 - sample.hole
    grey = grey_of(sample.photo) * known + sample.hole
    with on.passing():
        seen = torch.cat([grey, sample.edges * known, sample.hole], dim=1)
        return network.logits(seen.contiguous()).float()


def _critic_learner(critic: PatchDiscriminator, config: Config) -> Learner:
    rate = config.rate * config.optimiser.discriminator_rate
    return Learner("discriminator", {"discriminator": critic}, rate, config.betas, kept=False)


def _train(learners: tuple[Learner, ...]) -> None:
    for learner in learners:
        for network in learner.networks.values():
            network.train()
