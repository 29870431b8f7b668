from itertools import pairwise

import pytest
import torch
from torch import nn

from lectures.sine import NOISE, WAYS, Net, errors, foretell, random_sampling, sequential_partitioning, sine, train

WINDOW, BATCH, LENGTH = 5, 4, 203


def test_a_sequential_batch_continues_the_one_before_it_row_by_row() -> None:
    batches = list(sequential_partitioning(torch.arange(LENGTH), WINDOW, BATCH))
    assert [continues for _, continues in batches] == [False] + [True] * (len(batches) - 1)
    for (before, _), (after, _) in pairwise(batches):
        assert torch.equal(before[:, -1], after[:, 0])


@pytest.mark.parametrize("cut", [random_sampling, sequential_partitioning])
def test_a_pass_foretells_no_value_twice_and_leaves_few_out(cut: type) -> None:
    for seed in range(5):
        torch.manual_seed(seed)
        windows = torch.cat([values for values, _ in cut(torch.arange(LENGTH), WINDOW, BATCH)])
        assert torch.equal(windows, windows[:, :1] + torch.arange(WINDOW + 1))
        targets = windows[:, 1:].flatten().tolist()
        assert len(set(targets)) == len(targets) > LENGTH - 2 * WINDOW * BATCH


def test_random_windows_are_in_no_order_and_continue_nothing() -> None:
    torch.manual_seed(0)
    batches = list(random_sampling(torch.arange(LENGTH), WINDOW, BATCH))
    starts = torch.cat([values[:, 0] for values, _ in batches])
    assert not torch.equal(starts, starts.sort().values)
    assert not any(continues for _, continues in batches)


def test_steps_ahead_are_foretold_from_what_was_said() -> None:
    net, past = Net(), sine(0, 30).expand(2, 30)
    said = foretell(net, past, 3)
    for step in range(3):
        read, _ = net(torch.cat([past, said[:, :step]], dim=1))
        torch.testing.assert_close(said[:, step], read[:, -1])


def test_a_carried_state_makes_windows_one_sequence() -> None:
    net, series = Net(), sine(0, 40).expand(3, 40)
    first, state = net(series[:, :15])
    second, _ = net(series[:, 15:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), net(series)[0])


def test_a_trained_net_beats_the_last_value() -> None:
    learned = errors(train(WAYS["sequential, state carried"], 20, seed=0))
    torch.manual_seed(0)
    step = sine(0, 40_000, 0).diff().square().mean()  # how far the wave goes in a step
    last_value = (step + NOISE**2).sqrt()
    assert learned[0] < last_value / 2
    assert learned[4] < (sine(0, 40_000, 0)[16:] - sine(0, 40_000, 0)[:-16]).square().mean().sqrt()


def test_without_noise_and_training_the_net_knows_nothing() -> None:
    torch.manual_seed(0)
    net = Net()
    nn.init.zeros_(net.say.weight)
    nn.init.zeros_(net.say.bias)
    assert errors(net).tolist() == pytest.approx([0.5**0.5] * 7, abs=0.01)  # root of the mean square of a sine
