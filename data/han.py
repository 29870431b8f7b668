"""Traditional to simplified Chinese and back, a character for a character, so that spans stay where they are.

The table is data/han_variants.tsv (built by data/build_gazetteer.py): one pair `traditional<TAB>simplified` a line. Of
several traditional forms of one simplified character the usual one stands first; a line that pairs a character with
itself says that it is usual in traditional text too. Words are not looked at: 头发 becomes 頭發, not 頭髮.
"""

from functools import cache
from pathlib import Path

VARIANTS = Path(__file__).parent / "han_variants.tsv"


def to_simplified(text: str) -> str:
    """Text with its traditional characters in their simplified form; the same length."""
    return text.translate(_tables()[0])


def to_traditional(text: str) -> str:
    """Text with its simplified characters in their usual traditional form; the same length."""
    return text.translate(_tables()[1])


def is_traditional(text: str) -> bool:
    """More of its characters have a simplified form than a traditional one: a few (著, 於) stand in both scripts."""
    return _differences(text, to_simplified(text)) > _differences(text, to_traditional(text))


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


@cache
def _tables() -> tuple[dict[int, str], dict[int, str]]:
    simplified: dict[int, str] = {}
    traditional: dict[int, str] = {}
    for line in VARIANTS.read_text(encoding="utf-8").splitlines():
        long, short = line.split("\t")
        simplified[ord(long)] = short
        traditional.setdefault(ord(short), long)
    return simplified, traditional


def variants() -> dict[str, str]:
    """Traditional characters and their simplified forms, those that differ."""
    return {chr(long): short for long, short in _tables()[0].items() if chr(long) != short}
