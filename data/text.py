"""The one gate every text passes: what is not a sentence is refused, by code and with the limit."""

MAX_CHARACTERS = 2_000


class TextError(ValueError):
    """A text that cannot be tagged. `code` is stable: empty_text, text_too_long or invalid_unicode."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)  # both of them, so that it can be pickled
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


def check_text(text: str, max_characters: int = MAX_CHARACTERS) -> str:
    """Return `text` unchanged, or raise TextError. Length is in code points."""
    if not text.strip():
        raise TextError("empty_text", "text is empty or only white space")
    if len(text) > max_characters:
        raise TextError("text_too_long", f"text has {len(text)} characters; the limit is {max_characters}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        # A lone surrogate is no character: it has no UTF-8 form and would break SentencePiece and JSON.
        code_point = ord(text[error.start])
        raise TextError(
            "invalid_unicode",
            f"text holds the lone surrogate U+{code_point:04X} at character {error.start}",
        ) from None
    return text
