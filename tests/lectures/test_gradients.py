import math
from statistics import fmean

import pytest
import torch
from torch import Tensor, nn

from lectures.gradients import WAYS, clip_by_norm, clip_by_value, kept, together, train


def some_gradients(seed: int) -> list[Tensor]:
    torch.manual_seed(seed)
    return [torch.randn(4, 3), 10 * torch.randn(7), torch.randn(())]


@pytest.mark.parametrize("limit", [0.01, 1.0, 5.0, 1000.0])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(clip_by_norm, nn.utils.clip_grad_norm_), (clip_by_value, nn.utils.clip_grad_value_)],
)
def test_what_is_clipped_is_what_torch_makes_of_it(ours: type, theirs: type, seed: int, limit: float) -> None:
    gradients = some_gradients(seed)
    parameters = []
    for gradient in gradients:
        parameters.append(nn.Parameter(torch.zeros_like(gradient)))
        parameters[-1].grad = gradient.clone()
    theirs(parameters, limit)
    ours(gradients, limit)
    torch.testing.assert_close(gradients, [parameter.grad for parameter in parameters])


def test_by_norm_the_length_is_the_limit_and_the_direction_stays() -> None:
    gradients = some_gradients(0)
    share, cosine = kept(clip_by_norm, gradients, 0.5)
    assert share * together(gradients).norm() == pytest.approx(0.5)
    assert cosine == pytest.approx(1)


def test_by_value_the_direction_turns_to_that_of_the_signs() -> None:
    gradients = [torch.tensor([3.0, 4.0])]
    assert kept(clip_by_value, gradients, 4.0) == pytest.approx((1, 1))
    assert kept(clip_by_value, gradients, 0.1) == pytest.approx((0.1 * 2**0.5 / 5, 7 / (5 * 2**0.5)))  # (0.1, 0.1)


def test_a_rate_that_explodes_learns_when_clipped() -> None:
    ends = {name: fmean(train(way, 0.3, seed=0).losses[-30:]) for name, way in WAYS.items()}
    guessing = 10 / 12  # the variance of half the sum of ten numbers from -1 to 1
    assert not math.isfinite(ends["none"])
    assert ends["by norm, 1"] < guessing / 2
    assert ends["by value, 0.1"] < 3 * guessing  # it stays where it can learn, but at this rate hardly does
