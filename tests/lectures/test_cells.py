import pytest
import torch
from torch import Tensor, nn

from lectures.cells import LENGTH, MARKED_AT, Cell, GRUCell, LSTMCell, Recall, look, marked_numbers, train

INPUTS, HIDDEN, STEPS = 3, 5, 20


def unroll(cell: nn.Module, inputs: Tensor, first: list[Tensor]) -> Tensor:
    """Every part of the state after every step."""
    parts, seen = tuple(first), []
    for x in inputs:
        after = cell(x, parts if len(parts) > 1 else parts[0])
        parts = after if isinstance(after, tuple) else (after,)
        seen.append(torch.stack(parts))
    return torch.stack(seen)


@pytest.mark.parametrize(("kind", "torchs", "parts"), [(LSTMCell, nn.LSTMCell, 2), (GRUCell, nn.GRUCell, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_states_and_gradients_are_those_of_torch(
    kind: type[Cell], torchs: type[nn.RNNCellBase], parts: int, seed: int
) -> None:
    torch.manual_seed(seed)
    ours, theirs = kind(INPUTS, HIDDEN).double(), torchs(INPUTS, HIDDEN).double()
    ours.load_torch(theirs)
    inputs = torch.randn(STEPS, 4, INPUTS, dtype=torch.double, requires_grad=True)
    first = [torch.randn(4, HIDDEN, dtype=torch.double, requires_grad=True) for _ in range(parts)]
    weights = torch.randn(STEPS, parts, 4, HIDDEN, dtype=torch.double)
    states = [unroll(cell, inputs, first) for cell in (ours, theirs)]
    torch.testing.assert_close(*states)
    ours_back, theirs_back = (torch.autograd.grad((seen * weights).sum(), [inputs, *first]) for seen in states)
    torch.testing.assert_close(ours_back, theirs_back)


def test_gradients_of_the_weights_are_those_of_torch() -> None:
    torch.manual_seed(0)
    ours, theirs = LSTMCell(INPUTS, HIDDEN), nn.LSTMCell(INPUTS, HIDDEN)
    ours.load_torch(theirs)
    inputs, first = torch.randn(STEPS, 4, INPUTS), [torch.zeros(4, HIDDEN)] * 2
    for cell in (ours, theirs):
        unroll(cell, inputs, first).sum().backward()
    gates = (ours.input, ours.forget, ours.candidate, ours.output)
    slopes = [gate.of_state.weight.grad for gate in gates]
    assert theirs.weight_hh.grad is not None
    torch.testing.assert_close(torch.cat([slope for slope in slopes if slope is not None]), theirs.weight_hh.grad)


def test_an_lstm_whose_input_is_shut_and_whose_memory_is_kept_changes_nothing() -> None:
    cell = LSTMCell(INPUTS, HIDDEN)
    for gate, bias in ((cell.input, -100.0), (cell.forget, 100.0)):
        nn.init.constant_(gate.of_input.bias, bias)
    c = torch.randn(4, HIDDEN)
    assert torch.equal(cell(torch.randn(4, INPUTS), (torch.randn(4, HIDDEN), c))[1], c)


def test_the_number_wanted_is_the_marked_one() -> None:
    inputs, wanted = marked_numbers(torch.tensor([0, 5, 7]))
    assert inputs[[0, 5, 7], [0, 1, 2]].tolist() == [[number, 1.0] for number in wanted.tolist()]
    assert inputs[..., 1].sum() == 3


def test_one_unit_learns_to_write_at_the_mark_alone() -> None:
    torch.manual_seed(1)
    before = look(Recall())
    after = look(train(seed=1, steps=250))
    assert after.error < before.error / 2
    written = after.gates[:, 0]
    assert written.argmax() == MARKED_AT
    assert written[MARKED_AT] > 3 * written[torch.arange(LENGTH) != MARKED_AT].mean()
