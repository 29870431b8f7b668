import math
from collections import Counter
from itertools import pairwise

import pytest
import torch

from lectures.characters import CharacterModel, CountModel, joined, sentences, train

TEXTS = sentences(600, seed=1)
TEXT, HELD_OUT = joined(TEXTS[:500]), joined(TEXTS[500:])
CHARACTERS = "".join(sorted(set(TEXT + HELD_OUT)))


def test_a_net_foretells_better_than_pairs_of_characters() -> None:
    torch.manual_seed(0)
    model = CharacterModel(CHARACTERS)
    untrained = model.perplexity(HELD_OUT)
    assert list(train(model, TEXT, steps=90)) == list(range(1, 91))
    pairs, singles = Counter(pairwise(TEXT)), Counter(TEXT)  # smoothed by one
    chances = [(pairs[a, b] + 1) / (singles[a] + len(CHARACTERS)) for a, b in pairwise(HELD_OUT)]
    bigram = math.exp(-sum(map(math.log, chances)) / len(chances))
    assert untrained > len(CHARACTERS) / 2
    assert model.perplexity(HELD_OUT) < min(bigram, CountModel(TEXT, 2, CHARACTERS).perplexity(HELD_OUT))


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("history", ["", "a", "to ", "xqzj", "from the "])
def test_chances_after_any_history_sum_to_one(order: int, history: str) -> None:
    model = CountModel(TEXT, order, CHARACTERS)
    chances = [model.probability(history, character) for character in CHARACTERS]
    assert sum(chances) == pytest.approx(1)
    assert min(chances) > 0


def test_counts_are_mixed_as_witten_and_bell_say() -> None:
    model = CountModel("abac", 2, "abcd")
    a_alone = (2 + 3 * 1 / 4) / (4 + 3)
    assert model.probability("c", "a") == pytest.approx(a_alone)  # nothing was seen behind c
    assert model.probability("b", "a") == pytest.approx((1 + 1 * a_alone) / (1 + 1))


def test_perplexity_is_that_of_the_text_read_character_by_character() -> None:
    torch.manual_seed(0)
    model, text = CharacterModel(CHARACTERS), HELD_OUT[:40]
    ids, state, said = model.encode(text), None, []
    with torch.no_grad():
        for place in range(len(ids) - 1):
            scores, state = model(ids[None, place : place + 1], state)
            said.append(torch.log_softmax(scores[0, 0], dim=0)[ids[place + 1]].item())
    assert model.perplexity(text) == pytest.approx(math.exp(-sum(said) / len(said)), rel=1e-4)


def test_a_sample_is_drawn_by_the_chances_at_its_temperature() -> None:
    torch.manual_seed(0)
    model = CharacterModel("\nab")
    scores, _ = model(model.encode("\n")[None])
    drawn = Counter(model.sample(1, temperature=0.1) for _ in range(1_000))
    chances = torch.softmax(scores[0, -1] / 0.1, dim=0).tolist()
    for character, chance in zip("\nab", chances, strict=True):
        assert drawn[character] / 1_000 == pytest.approx(chance, abs=0.06)


def test_towards_temperature_zero_only_the_likeliest_is_said() -> None:
    model = CharacterModel(CHARACTERS)
    ids, state, greedy = model.encode("\n"), None, ""
    with torch.no_grad():
        for _ in range(20):
            scores, state = model(ids[None], state)
            ids = scores[0, -1].argmax()[None]
            greedy += CHARACTERS[int(ids)]
    assert model.sample(20, temperature=1e-6) == greedy
