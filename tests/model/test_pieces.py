from model.pieces import Pieces, train_pieces

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
