"""Settings to a parser: loaded, and where it is to serve, checked and warm."""

from collections.abc import Iterator
from itertools import product

import torch

from model.bundle import BundleError
from model.parser import Parser
from model.request import Request
from model.values.times.resolve import Reference
from service.settings import Settings

WARM_UP_RUNS = 3  # TorchScript compiles on its first two runs: nobody should wait for that but the start
WARM_SHAPES = tuple(product((1, 2, 4, 8, 16, 32, 64, 128), range(8, 65, 8)))  # sentences and words, of a GPU
KNOWN_SENTENCE = Request("arrive Taipei on November 2nd")  # its values use all tables that values have


def load_parser(settings: Settings) -> Parser:
    """The bundle of the settings; also gives torch their number of threads, here and by default.

    Raises model.bundle.BundleError.
    """
    torch.set_num_threads(settings.threads)
    return Parser.load(settings.bundle, settings.device)


def ready_parser(settings: Settings) -> Parser:
    """The same, checked and warm."""
    try:
        parser = load_parser(settings)
        for batch in _warming(parser.device):
            for _ in range(WARM_UP_RUNS):
                parser.parse_requests(batch)
        parser.check()
    except BundleError:
        raise
    except Exception as error:  # whatever is wrong with it, it must not end what serves now
        reason = (str(error).splitlines() or [""])[0]
        raise BundleError(f"{settings.bundle} cannot parse: {type(error).__name__} {reason}") from error
    return parser


def _warming(device: torch.device) -> Iterator[list[Request]]:
    """Batches to run before any other; on a GPU, where each shape is compiled anew, one of each usual shape."""
    yield [KNOWN_SENTENCE._replace(reference=Reference.of())]
    if device.type == "cuda":
        for sentences, words in WARM_SHAPES:
            yield [Request("to " * words)] * sentences


def known_sentence(parser: Parser) -> Request:
    """What /readyz asks: the first smoke sentence, as a request with values."""
    smoke = parser.manifest.smoke
    known = Request(smoke[0].text, smoke[0].lang) if smoke else KNOWN_SENTENCE
    return known._replace(reference=Reference.of())
