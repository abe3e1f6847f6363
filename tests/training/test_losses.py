"""Each loss is the one its paper defines, and agrees with what the original programs computed."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from inpaint_studio.networks.vgg import gram
from inpaint_studio.training.adversarial import (
    criticise,
    discriminator_loss,
    feature_matching,
    frozen,
    generator_loss,
    judge,
)
from inpaint_studio.training.losses import (
    FeatureMaps,
    composed,
    l1_per_hole,
    l1_valid_and_hole,
    perceptual,
    style,
    total_variation,
)

VGG16_STAGES = ("a1", "a2", "a3")
VGG19_LAYERS = tuple(
    f"relu{name}" for name in ("1_1", "2_1", "2_2", "3_1", "3_4", "4_1", "4_4", "5_1", "5_2")
)


def same(found, wanted):
    wanted = torch.as_tensor(wanted)
    assert_close(found, wanted, rtol=0, atol=1e-4 * float(wanted.abs().max()))


class Convolutions:
    """The small networks the fixtures have in place of VGG and of the discriminators."""

    def __init__(self, fixture, names):
        self._layers = {n: (fixture[f"ext_{n}_weight"], fixture[f"ext_{n}_bias"]) for n in names}

    def conv(self, name, x):
        weight, bias = self._layers[name]
        return F.conv2d(x, weight, bias, padding=1)


class Stages(Convolutions):
    def __call__(self, picture):
        found = []
        for name in VGG16_STAGES:
            picture = F.max_pool2d(F.relu(self.conv(name, picture)), 2)
            found.append(picture)
        return FeatureMaps(found, found)


class Slices(Convolutions):
    """VGG-19 as EdgeConnect reads it."""

    def __call__(self, picture):
        found = {}
        for name in VGG19_LAYERS:
            if name[4] != "1" and name.endswith("_1"):
                picture = F.max_pool2d(picture, 2)
            found[name] = picture = F.relu(self.conv(f"e_{name}", picture))
        return FeatureMaps(
            [found[f"relu{level}_1"] for level in range(1, 6)],
            [found[f"relu{name}"] for name in ("2_2", "3_4", "4_4", "5_2")],
        )


class SmallCritic(Convolutions):
    def __init__(self, fixture, which):
        super().__init__(fixture, [f"{which}{at}" for at in range(1, 6)])
        self._which = which

    def features(self, x):
        found = []
        for at in range(1, 6):
            x = self.conv(f"{self._which}{at}", x)
            x = F.leaky_relu(x, 0.2) if at < 5 else x
            found.append(x)
            x = F.avg_pool2d(x, 2) if at < 3 else x
        return found


@pytest.fixture(scope="module")
def fixture(data_dir):
    with np.load(data_dir / "parity" / "losses.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays.files}


@pytest.fixture
def pconv(fixture):
    hole = 1 - fixture["pc_mask"][:, :1]
    assert bool((1 - fixture["pc_mask"] == hole).all())
    output, truth = fixture["pc_output"], fixture["pc_gt"]
    return output, truth, hole, composed(output, truth, hole)


@pytest.mark.data
@pytest.mark.parametrize("origin", ["naoto", "tani_mean", "tani_sum"])
def test_pconv_terms_are_the_originals(fixture, pconv, origin):
    output, truth, hole, composite = pconv
    features = Stages(fixture, VGG16_STAGES)
    wanted = features(truth)
    named = "prc" if origin == "naoto" else "perc"
    valid, missing = l1_valid_and_hole(output, truth, hole)
    same(valid, fixture[f"pc_{origin}_valid"])
    same(missing, fixture[f"pc_{origin}_hole"])
    pictures = [features(output), features(composite)]
    look = sum(perceptual(found.perceptual, wanted.perceptual) for found in pictures)
    texture = sum(style(found.style, wanted.style) for found in pictures)
    same(look, fixture[f"pc_{origin}_{named}"])
    same(texture, fixture[f"pc_{origin}_style"])
    variation = fixture[f"pc_{origin}_tv"]
    total = valid + 6 * missing + 0.1 * variation + 0.05 * look + 120 * texture
    same(total, fixture[f"pc_{origin}_total"])


@pytest.mark.data
def test_total_variation_everywhere_is_the_originals(fixture, pconv):
    _, _, hole, composite = pconv
    same(total_variation(composite, torch.ones_like(hole)), fixture["pc_naoto_tv"])


@pytest.mark.data
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_total_variation_in_the_dilated_hole_departs_from_the_original_by_its_defect(
    fixture, pconv, reduce
):
    """Across they agree; down, the original compares the first row with the last."""
    _, _, hole, composite = pconv
    region = F.max_pool2d(hole, 3, stride=1, padding=1)
    across = region[..., 1:] * region[..., :-1] * composite.diff(dim=-1).abs()
    down = region[..., 1:, :] * region[..., :-1, :]
    wrong = (composite[..., :1, :] - composite[..., -1:, :]).abs() * down
    reduced = getattr(torch, reduce)
    same(reduced(across) + reduced(wrong), fixture[f"pc_tani_{reduce}_tv"])
    right = (down * composite.diff(dim=-2).abs()).mean()
    same(total_variation(composite, hole), across.mean() + right)


@pytest.mark.data
def test_gram_is_the_originals(fixture):
    same(gram(fixture["pc_gram_example_in"]), fixture["pc_gram_example_out"])


@pytest.mark.data
def test_edgeconnect_features_are_the_originals(fixture):
    features = Slices(fixture, [f"e_{name}" for name in VGG19_LAYERS])
    output, image, hole = fixture["ec_output"], fixture["ec_image"], fixture["ec_mask"]
    found, wanted = features(output), features(image)
    same(perceptual(found.perceptual, wanted.perceptual), fixture["ec_perceptual"])
    same(style(found.style, wanted.style), fixture["ec_style_unmasked"])
    masked = style(features(output * hole).style, features(image * hole).style)
    same(masked, fixture["ec_style_masked"])


@pytest.mark.data
@pytest.mark.parametrize("kind", ["nsgan", "lsgan", "hinge"])
def test_adversarial_losses_are_the_originals(fixture, kind):
    says = (
        fixture["ec_pred_logit"]
        if kind == "hinge"
        else torch.logit(fixture["ec_pred_prob"].double())
    )
    real, fake = fixture[f"ec_{kind}_D_real"], fixture[f"ec_{kind}_D_fake"]
    same(discriminator_loss(kind, says, says).float(), (real + fake) / 2)
    surely_true, surely_false = torch.full_like(says, 40), torch.full_like(says, -40)
    same(2 * discriminator_loss(kind, says, surely_false).float(), real)
    same(2 * discriminator_loss(kind, surely_true, says).float(), fake)
    same(generator_loss(kind, says).float(), fixture[f"ec_{kind}_G"])


@pytest.mark.data
def test_feature_matching_is_the_originals(fixture):
    fake, real = ([fixture[f"ec_fm_{which}{at}"] for at in range(5)] for which in ("fake", "real"))
    same(feature_matching(fake, real), fixture["ec_fm_unweighted"])


@pytest.mark.data
def test_the_whole_edge_objective_is_the_originals(fixture):
    critic = SmallCritic(fixture, "dE")
    grey = fixture["ec_gray"]
    real = torch.cat([grey, fixture["ec_edge"]], dim=1)
    fake = torch.cat([grey, fixture["ec_edge_output"]], dim=1)
    loss = criticise("nsgan", critic, real=real, fake=fake)
    same(loss, fixture["ec_edge_dis_loss"])
    same(loss, fixture["ec_edge_log_l_d1"])
    adversarial, matching = judge("nsgan", critic, real=real, fake=fake)
    same(adversarial, fixture["ec_edge_log_l_g1"])
    same(10 * matching, fixture["ec_edge_log_l_fm"])
    same(adversarial + 10 * matching, fixture["ec_edge_gen_loss"])


@pytest.mark.data
def test_the_whole_completion_objective_is_the_originals(fixture):
    critic = SmallCritic(fixture, "dI")
    features = Slices(fixture, [f"e_{name}" for name in VGG19_LAYERS])
    output, image, hole = fixture["ec_output"], fixture["ec_image"], fixture["ec_mask"]
    loss = criticise("nsgan", critic, real=image, fake=output)
    same(loss, fixture["ec_inpaint_dis_loss"])
    same(loss, fixture["ec_inpaint_log_l_d2"])
    terms = {
        "g2": 0.1 * judge("nsgan", critic, real=image, fake=output).adversarial,
        "l1": l1_per_hole(output, image, hole),
        "per": 0.1 * perceptual(features(output).perceptual, features(image).perceptual),
        "sty": 250 * style(features(output * hole).style, features(image * hole).style),
    }
    for name, term in terms.items():
        same(term, fixture[f"ec_inpaint_log_l_{name}"])
    same(torch.stack(list(terms.values())).sum(), fixture["ec_inpaint_gen_loss"])


def test_total_variation_sees_the_rim_of_the_hole_and_nothing_further():
    hole = torch.zeros(1, 1, 7, 7)
    hole[..., 3, 3] = 1
    far, rim = torch.zeros(1, 1, 7, 7), torch.zeros(1, 1, 7, 7)
    far[..., 0, 0] = 1
    rim[..., 2, 2] = 1
    assert float(total_variation(far, hole)) == 0
    assert float(total_variation(rim, hole)) == pytest.approx(2 / 42)  # one pair across, one down


def test_hole_and_valid_differences_are_told_apart():
    truth, hole = torch.zeros(1, 3, 4, 4), torch.zeros(1, 1, 4, 4)
    hole[..., :1] = 1
    valid, missing = l1_valid_and_hole(torch.full_like(truth, 0.5), truth, hole)
    assert float(valid) == pytest.approx(0.375)
    assert float(missing) == pytest.approx(0.125)
    assert float(l1_per_hole(truth + 0.5, truth, hole)) == pytest.approx(2.0)


@pytest.mark.parametrize("kind", ["nsgan", "lsgan", "hinge"])
def test_a_discriminator_that_is_right_pays_less(kind):
    true, false = torch.full((2, 1, 3, 3), 2.0), torch.full((2, 1, 3, 3), -2.0)
    assert discriminator_loss(kind, true, false) < discriminator_loss(kind, false, true)
    assert generator_loss(kind, true) < generator_loss(kind, false)


def test_the_entropy_of_a_certain_discriminator_is_finite():
    sure = torch.full((1, 1, 2, 2), 200.0, requires_grad=True)
    loss = discriminator_loss("nsgan", -sure, sure)
    loss.backward()
    assert bool(torch.isfinite(loss))
    assert bool(torch.isfinite(sure.grad).all())


def test_each_side_takes_its_own_gradients():
    critic = torch.nn.Conv2d(1, 1, 3)
    critic.features = lambda x: [critic(x)]
    real, fake = torch.rand(1, 1, 5, 5), torch.rand(1, 1, 5, 5, requires_grad=True)
    criticise("nsgan", critic, real=real, fake=fake).backward()
    assert fake.grad is None
    assert critic.weight.grad is not None
    critic.zero_grad()
    with frozen(critic):
        told = judge("nsgan", critic, real=real, fake=fake)
    (told.adversarial + told.matching).backward()
    assert float(fake.grad.abs().sum()) > 0
    assert critic.weight.grad is None
    assert critic.weight.requires_grad
