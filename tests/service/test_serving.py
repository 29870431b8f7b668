"""Bundles that take each other's place: real files, the real loader."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.bundle import BundleError, SmokeSentence, load_bundle, save_bundle
from model.registry.folder import FolderRegistry
from model.request import Request
from service.loading import ready_parser
from service.metrics import Metrics
from service.problems import BundleRefusedError
from service.serving import Serving
from service.settings import Settings


def put(path: Path, **changes: Any) -> None:
    """In the place of the bundle, the same one with another manifest."""
    bundle = load_bundle(path, "cpu")
    save_bundle(path, replace(bundle, manifest=bundle.manifest.model_copy(update=changes)))


@pytest.fixture
def path(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_bundle, tmp_path / "served.pt"))


@asynccontextmanager
async def serving(path: Path, **settings: Any) -> AsyncIterator[Serving]:
    async with Serving.start(None, Settings(bundle=path, device="cpu", **settings), Metrics()) as serving:
        yield serving


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 60))  # type: ignore[arg-type]


async def version_of(serving: Serving) -> str:
    [answer] = serving.batcher.submit([serving.parser.prepare(Request("to Oslo"))], 1e9)
    return (await answer).model.version


def test_a_bundle_carries_sentences_that_it_must_still_get_right(tiny_bundle: Path) -> None:
    smoke = load_bundle(tiny_bundle, "cpu").manifest.smoke
    assert {one.lang for one in smoke} == {"en", "zh"}
    assert all(one.slots for one in smoke)
    ready_parser(Settings(bundle=tiny_bundle, device="cpu"))


def test_a_new_bundle_is_served_from_the_next_batch_on(path: Path) -> None:
    async def test() -> None:
        async with serving(path, follow_seconds=0) as served:
            before = await version_of(served)
            put(path, version="next")
            assert await version_of(served) == before
            await served.reload()
            assert await version_of(served) == "next"

    run(test)


@pytest.mark.parametrize("spoil", ["truncated", "missing", "wrong"])
def test_a_bundle_that_fails_leaves_the_old_one_serving(path: Path, spoil: str) -> None:
    async def test() -> None:
        async with serving(path, follow_seconds=0) as served:
            before = await version_of(served)
            if spoil == "truncated":
                whole = path.read_bytes()
                path.unlink()
                path.write_bytes(whole[: len(whole) // 2])
            elif spoil == "missing":
                path.unlink()
            else:
                smoke = (SmokeSentence(text="to Oslo", lang="en", slots=(("origin", 3, 7),)),)
                put(path, version="next", smoke=smoke)
            with pytest.raises(BundleRefusedError, match=f"{before} serves on"):
                await served.reload()
            assert await version_of(served) == before

    run(test)


def test_a_file_that_changed_is_served_without_being_told(path: Path, tiny_bundle: Path) -> None:
    async def test() -> None:
        async with serving(path, follow_seconds=0.05) as served:
            before = await version_of(served)
            path.with_suffix(".new").write_bytes(b"no bundle")
            path.with_suffix(".new").replace(path)
            await asyncio.sleep(0.3)
            assert await version_of(served) == before
            path.unlink()
            await asyncio.sleep(0.2)
            assert await version_of(served) == before
            shutil.copy(tiny_bundle, path)
            put(path, version="next")
            while await version_of(served) != "next":  # for a minute at most
                await asyncio.sleep(0.05)

    run(test)


def test_a_start_with_a_bundle_that_fails_its_smoke_sentence_is_refused(path: Path) -> None:
    smoke = (SmokeSentence(text="to Oslo", lang="en", slots=(("origin", 3, 7),)),)
    put(path, smoke=smoke)
    with pytest.raises(BundleError, match="fails its smoke sentence 'to Oslo'"):
        ready_parser(Settings(bundle=path, device="cpu"))


def test_the_current_version_of_a_registry_is_followed_by_all(path: Path, tmp_path: Path) -> None:
    registry = FolderRegistry(tmp_path / "registry")
    for version in ("first", "second"):
        put(path, version=version)
        registry.add(path, load_bundle(path, "cpu").manifest.model_dump(mode="json"))
    registry.promote("first")

    async def become(version: str, *all_of_them: Serving) -> None:
        for served in all_of_them:
            while await version_of(served) != version:  # for a minute at most
                await asyncio.sleep(0.05)

    async def test() -> None:
        folder = registry.folder
        async with serving(folder, follow_seconds=0.05) as one, serving(folder, follow_seconds=0.05) as other:
            assert [await version_of(one), await version_of(other)] == ["first", "first"]
            registry.promote("second")
            await become("second", one, other)
            registry.rollback()
            await become("first", one, other)

    run(test)
