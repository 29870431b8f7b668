"""One process that trains, or several that torchrun started and that train together: what each does and tells."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from model.bundle import DeviceError, pick_device
from model.tagger import Tagger

_PATIENCE = timedelta(hours=2)  # of those who wait while the first one evaluates

T = TypeVar("T")


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together; by itself it is the first of one."""

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """It alone evaluates and writes."""
        return self.rank == 0

    def part(self, examples: Sequence[T]) -> tuple[Sequence[T], float]:
        """This process's sentences of a batch, and what the mean over them weighs in the mean over processes.

        A batch with fewer sentences than there are processes leaves some with one that weighs nothing.
        """
        mine = examples[self.rank :: self.world]
        return mine or examples[:1], len(mine) * self.world / len(examples)

    def loss_of(self, tagger: Tagger) -> nn.Module:
        """`tagger.loss` as a module; going back through it gives every process the mean of all gradients."""
        loss = _Loss(tagger)
        return DistributedDataParallel(loss, forward_sync_buffers=False) if dist.is_initialized() else loss

    def mean(self, values: Sequence[Tensor]) -> float:
        """Over all values of all processes, each of which has as many."""
        mean = torch.stack(list(values)).mean()
        if dist.is_initialized():
            dist.all_reduce(mean)
        return mean.item() / self.world

    def tell(self, value: T) -> T:
        """What the first one has, in all of them."""
        said: list[Any] = [value]
        if dist.is_initialized():
            dist.broadcast_object_list(said)
        return said[0]  # type: ignore[no-any-return]

    def gather(self, value: T) -> list[T]:
        """What each of them has, in all of them."""
        found = [value] * self.world
        if dist.is_initialized():
            dist.all_gather_object(found, value)
        return found


class _Loss(nn.Module):
    def __init__(self, tagger: Tagger) -> None:
        super().__init__()
        self.tagger = tagger

    def forward(self, *batch: Any) -> Tensor:
        return self.tagger.loss(*batch)


@contextmanager
def joined(device: str = "auto") -> Iterator[Ranks]:
    """The processes of this torchrun; without it, this one. NCCL joins GPUs, one a process, and Gloo CPUs.

    Raises model.bundle.DeviceError.
    """
    place = pick_device(device)
    if not dist.is_torchelastic_launched():
        yield Ranks(place)
        return
    if place.type == "cuda":
        number, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if number >= there:
            raise DeviceError(f"process {number} of this machine has no GPU: there are {there}, and each needs its own")
        place = torch.device("cuda", number)
        torch.cuda.set_device(place)
    dist.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield Ranks(place, dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
