"""Work that kills its worker; apart from its test, so that a worker has little to import."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from service.jobs.answers import AnsweredPart, Tally
from service.jobs.engines import Answer
from service.jobs.parts import Part


@dataclass(frozen=True)
class Deadly:
    """Counts rows. At part 3 its worker is killed, as often as there are files in the folder."""

    folder: str

    def open(self) -> Answer:
        def answer(part: Part) -> AnsweredPart:
            for mark in Path(self.folder).iterdir() if part.number == 3 else ():
                mark.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
            return AnsweredPart(part.number, part.position, b"", Tally(part.rows))

        return answer
