from collections.abc import Callable

import pytest
import torch
from torch import nn

from lectures.vanishing import HIDDEN, INPUTS, LENGTH, NETS, elman, gradient_norms, recall


def test_norms_of_an_elman_net_are_those_of_the_product_of_its_steps() -> None:
    """d h_T / d x_t = D_T W D_{T-1} W ... D_t U with D = diag(1 - h ** 2)."""
    torch.manual_seed(0)
    net = nn.RNN(INPUTS, HIDDEN)
    norms = gradient_norms(net, length=12, batch=1)
    torch.manual_seed(0)
    nn.RNN(INPUTS, HIDDEN)
    states = net(torch.randn(12, 1, INPUTS))[0][:, 0]  # the inputs that were drawn above
    slopes = torch.eye(HIDDEN)
    expected = []
    for state in states.flip(0):
        slopes = slopes @ torch.diag(1 - state**2)
        expected.append((slopes @ net.weight_ih_l0).norm())
        slopes = slopes @ net.weight_hh_l0
    torch.testing.assert_close(norms, torch.stack(expected))


@pytest.mark.parametrize("name", NETS)
def test_norms_are_those_of_finite_differences(name: str) -> None:
    torch.manual_seed(0)
    net = NETS[name]().double()
    torch.set_default_dtype(torch.double)
    try:
        torch.manual_seed(1)
        norms = gradient_norms(net, length=8, batch=1)
        torch.manual_seed(1)
        inputs = torch.randn(8, 1, INPUTS)
    finally:
        torch.set_default_dtype(torch.float)
    step = 1e-6
    for distance in (0, 3, 7):
        columns = []
        for entry in range(INPUTS):
            moved = torch.zeros_like(inputs)
            moved[7 - distance, 0, entry] = step
            columns.append((net(inputs + moved)[0][-1, 0] - net(inputs - moved)[0][-1, 0]) / (2 * step))
        assert norms[distance].item() == pytest.approx(torch.stack(columns).norm().item(), rel=1e-5)


def test_what_shrinks_in_a_step_vanishes_over_many() -> None:
    """The bound of Pascanu, Mikolov and Bengio (2013): the spectral norm of W, once a step."""
    torch.manual_seed(0)
    net = elman()
    with torch.no_grad():
        net.get_parameter("weight_hh_l0").mul_(0.5)
    spectral = torch.linalg.matrix_norm(net.get_parameter("weight_hh_l0"), 2).item()
    first = net.get_parameter("weight_ih_l0").norm().item()
    norms = gradient_norms(net).tolist()
    assert spectral < 1
    assert all(norm <= first * spectral**distance for distance, norm in enumerate(norms))


def far(make: Callable[[], nn.RNNBase]) -> float:
    torch.manual_seed(0)
    return gradient_norms(make())[LENGTH - 1].item()


def test_far_back_only_open_gates_let_a_gradient_through() -> None:
    assert far(NETS["Elman"]) < 1e-9
    assert far(NETS["LSTM"]) < 1e-9
    assert far(NETS["LSTM, forget bias 3"]) > 1e-3
    assert far(NETS["GRU, update bias 3"]) > 1e-4


def test_what_no_gradient_reaches_is_not_learned() -> None:
    errors = {}
    for name in ("LSTM", "LSTM, forget bias 3"):
        torch.manual_seed(0)
        errors[name] = recall(NETS[name](), steps=150)
    assert errors["LSTM"] > 0.8
    assert errors["LSTM, forget bias 3"] < 0.5
