import pytest

from data.tokens import tokenize
from model.features import Featurizer, pad
from model.pieces import Pieces, train_pieces
from model.vocabulary import UNKNOWN, Vocabulary


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    return Featurizer(Vocabulary(("to", "taipei")), train_pieces({"to": 3, "taipei": 3, "taiwan": 2}, 40))


def test_a_word_looks_the_same_at_first_and_at_second_sight(featurizer: Featurizer) -> None:
    first = featurizer.features_of(tokenize("to Taipei"))
    second = featurizer.features_of(tokenize("to Taipei"))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    assert first.words.tolist() == [2, 3]


def test_a_long_unknown_word_keeps_its_first_pieces(featurizer: Featurizer) -> None:
    features = featurizer.features_of(tokenize("x" * 500))
    assert features.words.tolist() == [UNKNOWN]
    assert features.pieces.shape == (1, Pieces.per_word)


def test_a_han_character_shows_the_pairs_that_it_ends_and_begins() -> None:
    pieces = train_pieces({"to": 3}, 40)
    featurizer = Featurizer(Vocabulary((), {"臺": "台"}, ("北京", "台北")), pieces)
    looks = featurizer.features_of(tokenize("to 臺北京")).pieces
    taibei, beijing = len(pieces) + 1, len(pieces)
    assert looks[1:, :3].tolist() == [[0, taibei, 0], [taibei, beijing, 0], [beijing, 0, 0]]
    assert looks.max() < featurizer.piece_ids
    assert featurizer.features_of(tokenize("to to")).pieces.max() < len(pieces)


def test_padding_is_zero_and_lengths_are_kept(featurizer: Featurizer) -> None:
    batch = pad([featurizer.features_of(tokenize(text)) for text in ("to", "to Taipei to")])
    assert batch.lengths.tolist() == [1, 3]
    assert batch.words[0].tolist() == [2, 0, 0]
    assert batch.pieces.shape == (2, 3, Pieces.per_word)
    assert batch.shapes[0, 1:].tolist() == [0, 0]
