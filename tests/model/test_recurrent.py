import numpy as np
import pytest
import torch
from torch import nn

from model.recurrent import Elman, Jordan, Layer, SelfAttention

ALL = torch.ones(1, 3, dtype=torch.bool)


def test_the_worked_example_of_an_elman_network() -> None:
    """All weights 1, no bias, linear; inputs (1,1), (1,1), (2,2): two hidden units at 2, 6, 16, outputs 4, 12, 32."""
    elman = Elman(2, 2, bias=False, linear=True)
    for weights in elman.parameters():
        nn.init.ones_(weights)
    states = elman(torch.tensor([[[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]]), ALL)
    assert states[0].tolist() == [[2, 2], [6, 6], [16, 16]]
    assert (states @ torch.ones(2, 2))[0].tolist() == [[4, 4], [12, 12], [32, 32]]


def test_an_elman_network_is_torchs_rnn() -> None:
    torch.manual_seed(0)
    ours, theirs = Elman(5, 4), nn.RNN(5, 4, batch_first=True)
    weights = theirs.state_dict()
    ours.load_state_dict(
        {
            "reads.weight": weights["weight_ih_l0"],
            "reads.bias": weights["bias_ih_l0"] + weights["bias_hh_l0"],
            "remembers.weight": weights["weight_hh_l0"],
        }
    )
    inputs = torch.randn(3, 7, 5)
    assert torch.allclose(ours(inputs, torch.ones(3, 7, dtype=torch.bool)), theirs(inputs)[0], atol=1e-6)


def test_a_jordan_network_feeds_back_its_output() -> None:
    torch.manual_seed(1)
    jordan = Jordan(4, 6, 3)
    inputs = torch.randn(1, 3, 4)
    w, b = jordan.reads.weight.detach().double().numpy(), jordan.reads.bias.detach().double().numpy()
    u, v = jordan.recalls.weight.detach().double().numpy(), jordan.says.weight.detach().double().numpy()
    c = jordan.says.bias.detach().double().numpy()
    said, expected = np.zeros(3), []
    for word in inputs[0].double().numpy():
        scores = v @ np.tanh(w @ word + b + u @ said) + c
        said = np.exp(scores) / np.exp(scores).sum()
        expected.append(scores)
    assert np.allclose(jordan(inputs, ALL)[0].detach().numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("cell", [Elman(4, 5), Jordan(4, 6, 5)])
def test_the_other_direction_reads_the_sentence_from_its_last_word(cell: nn.Module) -> None:
    layer = Layer(cell, cell)
    inputs, mask = torch.randn(2, 6, 4), torch.ones(2, 6, dtype=torch.bool)
    mask[1, 4:] = False
    both = layer(inputs, mask)
    alone = cell(inputs[1:, :4].flip(1), mask[1:, :4])
    assert torch.allclose(both[1:, :4, 5:], alone.flip(1), atol=1e-6)


def test_attention_is_a_weighted_mean_of_the_words_that_are_there() -> None:
    torch.manual_seed(2)
    attention = SelfAttention(6, 2).double()
    states, mask = torch.randn(1, 4, 6).double(), torch.tensor([[True, True, True, False]])
    query, key, value = attention.asks(states)[0].split(6, dim=1)
    heads = []
    for head in (slice(0, 3), slice(3, 6)):
        weights = (query[:, head] @ key[:3, head].T / 3**0.5).softmax(dim=1)
        heads.append(weights @ value[:3, head])
    expected = states[0] + attention.answers(torch.cat(heads, dim=1))
    assert torch.allclose(attention(states, mask)[0], expected, atol=1e-10)
