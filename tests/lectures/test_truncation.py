from itertools import product
from typing import TypeAlias

import pytest
import torch
from torch import Tensor

from lectures.truncation import WAYS, Elman, balance, fixed, full, longest_run, pass_back, quality, random, reweighted

LENGTH = 6


Task: TypeAlias = tuple[Elman, Tensor, Tensor]


@pytest.fixture
def task() -> Task:
    torch.manual_seed(0)
    return Elman().double(), torch.randn(LENGTH, 3, 2).double(), torch.randn(LENGTH, 3).double()


def test_a_state_is_passed_on_as_it_is_and_its_gradient_by_the_factor() -> None:
    state = torch.randn(5, requires_grad=True)
    passed = pass_back(state, torch.tensor(0.3))
    assert torch.equal(passed, state)
    passed.sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(state.grad, torch.full((5,), 0.3))


def test_the_full_gradient_is_that_of_finite_differences(task: Task) -> None:
    net, inputs, wanted = task

    @torch.no_grad()
    def loss() -> float:
        states = [torch.zeros(3, 12).double()]
        for x in inputs:
            states.append(net.cell(x, states[-1]))
        return (net.say(torch.stack(states[1:])).squeeze(2) - wanted).square().mean().item()

    gradient = net.gradient(inputs, wanted, torch.ones(LENGTH))
    place, step = 0, 1e-6
    for weights in net.parameters():
        entry = weights.data.view(-1)
        entry[0] += step
        above = loss()
        entry[0] -= 2 * step
        below = loss()
        entry[0] += step
        assert gradient[place].item() == pytest.approx((above - below) / (2 * step), abs=1e-8)
        place += weights.numel()


def test_a_fixed_cut_is_the_gradient_of_windows_whose_first_state_is_given(task: Task) -> None:
    net, inputs, wanted = task
    state, losses = torch.zeros(3, 12).double(), []
    for start in range(0, LENGTH, 2):
        state = state.detach()
        for step in (start, start + 1):
            state = net.cell(inputs[step], state)
            losses.append((net.say(state).squeeze(1) - wanted[step]).square().mean())
    torch.stack(losses).mean().backward()  # type: ignore[no-untyped-call]
    windows = torch.cat([w.grad.flatten() for w in net.parameters() if w.grad is not None])
    torch.testing.assert_close(net.gradient(inputs, wanted, fixed(LENGTH, 1, 2)[:, 0]), windows)


@pytest.mark.parametrize("mean_length", [2, 3, 10])
def test_reweighted_gradients_are_the_full_one_on_average_over_all_cuts(task: Task, mean_length: int) -> None:
    net, inputs, wanted = task
    through = 1 - 1 / mean_length
    expected, biased = torch.zeros(()), torch.zeros(())
    for passes in product((0.0, 1.0), repeat=LENGTH):
        factors = torch.tensor(passes)
        chance = through ** sum(passes) * (1 - through) ** (LENGTH - sum(passes))
        expected = expected + chance * net.gradient(inputs, wanted, factors / through)
        biased = biased + chance * net.gradient(inputs, wanted, factors)
    exact = net.gradient(inputs, wanted, torch.ones(LENGTH))
    torch.testing.assert_close(expected, exact)
    assert (biased - exact).norm() > 0.01 * exact.norm()


def test_a_way_cuts_as_often_as_it_says() -> None:
    torch.manual_seed(0)
    for way in (random, reweighted):
        factors = way(1_000, 100, 5)
        assert factors.eq(0).float().mean().item() == pytest.approx(1 / 5, abs=0.005)
    assert reweighted(1_000, 100, 5).mean().item() == pytest.approx(1, abs=0.02)
    assert fixed(1_000, 1, 5).eq(0).sum() == 200


@pytest.mark.parametrize(
    ("factors", "longest"), [([1, 1, 1, 1], 4), ([0, 1, 1, 1], 4), ([1, 0, 1, 1], 3), ([1, 1, 1, 0], 3), ([0, 0], 1)]
)
def test_the_longest_run_lies_between_two_cuts(factors: list[int], longest: int) -> None:
    assert longest_run(torch.tensor(factors)) == longest


def test_reweighting_takes_away_bias_and_adds_variance() -> None:
    cut, unbiased = (quality(way, 5, draws=30) for way in (random, reweighted))
    assert unbiased.bias < cut.bias / 2
    assert unbiased.deviation > cut.deviation
    assert quality(full, 5, draws=1)[:2] == (0, 0)


def test_only_what_has_no_bias_finds_the_balance() -> None:
    ends = {name: balance(way, 40, updates=35)[-1] for name, way in WAYS.items()}
    assert ends["full"].tolist() == pytest.approx([-1 / 6] * 8, abs=0.01)
    assert ends["random, reweighted"].tolist() == pytest.approx([-1 / 6] * 8, abs=0.03)
    assert ends["fixed"].min() > 0
    assert ends["random"].min() > 0
