from model.pieces import Pieces, read_subwords, train_letters, train_pieces

COUNTS = dict.fromkeys(("london", "londonderry", "derry", "berlin", "dublin", "merlin", "arrive", "arriving"), 5)


def test_an_unseen_word_shares_pieces_with_seen_ones() -> None:
    pieces = train_pieces(COUNTS, 60)
    assert set(pieces.ids_of("berry")) & (set(pieces.ids_of("derry")) | set(pieces.ids_of("berlin")))


def test_zero_is_left_to_padding_and_every_id_has_a_place() -> None:
    pieces = train_pieces(COUNTS, 60)
    for word in ("london", "qqq", "🙂", "台"):
        assert all(0 < piece < len(pieces) for piece in pieces.ids_of(word))


def test_the_model_bytes_are_all_that_is_needed() -> None:
    pieces = train_pieces(COUNTS, 60)
    assert Pieces(pieces.model).ids_of("arrives") == pieces.ids_of("arrives")


def test_the_same_words_give_the_same_model() -> None:
    assert train_pieces(COUNTS, 60).model == train_pieces(dict(reversed(COUNTS.items())), 60).model


def test_letters_are_the_trigrams_of_a_word_with_its_ends_the_frequent_ones_first() -> None:
    letters = train_letters({"boy": 3, "bob": 1}, 10)
    assert len(letters) == 5 + 1  # #bo boy oy# bob ob#, and padding
    assert letters.ids_of("boy") == [1, *letters.ids_of("boy")[1:]]
    assert set(letters.ids_of("bob")) & set(letters.ids_of("boy")) == {1}
    assert letters.ids_of("xyz") == []
    assert len(train_letters({"boy": 3, "bob": 1}, 2)) == 3


def test_the_bytes_of_subwords_say_which_kind_they_are() -> None:
    for subwords in (train_pieces(COUNTS, 60), train_letters(COUNTS, 60)):
        again = read_subwords(subwords.model)
        assert type(again) is type(subwords)
        assert again.ids_of("arrives") == subwords.ids_of("arrives")
