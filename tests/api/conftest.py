"""A served home for each test that writes, and one shared by all that only read the real lettuce case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_scene import SALAD, Scene, Served, make_scene, serving, start_signer, tell_lettuce

LOT = "SALAD-20260420-A"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return make_scene(tmp_path / "home")


@pytest.fixture
def served(scene: Scene) -> Iterator[Served]:
    """The scene with its signer and the real server on a port of its own."""
    with serving(scene) as running:
        running.signer = start_signer(scene)
        try:
            yield running
        finally:
            running.stop_signer()


@pytest.fixture(scope="session")
def lettuce(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Iterator[Served]:
    """The real case, with item codes for the salad. Only for tests that read."""
    scene = make_scene(tmp_path_factory.mktemp("lettuce") / "home")
    tell_lettuce(scene, corpora)
    scene.serials = scene.make_codes(SALAD, LOT)
    with serving(scene) as running:
        yield running
