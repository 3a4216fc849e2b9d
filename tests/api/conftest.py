"""One signer and one real server for all tests of this folder; each test that writes gets a ledger of its own behind them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_scene import SALAD, Scene, Served, make_scene, serving, start_signer, tell_lettuce

LOT = "SALAD-20260420-A"


@pytest.fixture(scope="session")
def signer_url() -> Iterator[str]:
    server, url = start_signer()
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory, signer_url: str) -> Iterator[Served]:
    """Members, places and products, and nothing else. Only for tests that write nothing."""
    with serving(make_scene(tmp_path_factory.mktemp("quiet") / "home", signer_url=signer_url)) as running:
        yield running


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory, signer_url: str) -> Iterator[Served]:
    with serving(make_scene(tmp_path_factory.mktemp("server") / "home", signer_url=signer_url)) as running:
        yield running


@pytest.fixture
def scene(tmp_path: Path, signer_url: str, _server: Served) -> Scene:
    return make_scene(tmp_path / "home", signer_url=signer_url, api_url=_server.url)


@pytest.fixture
def served(scene: Scene, _server: Served) -> Iterator[Served]:
    """A fresh ledger behind the server."""
    _server.show(scene)
    yield _server
    scene.ledger.engine.dispose()


@pytest.fixture(scope="session")
def lettuce(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Iterator[Served]:
    """The real case, with item codes for the salad. Only for tests that read."""
    scene = make_scene(tmp_path_factory.mktemp("lettuce") / "home")
    tell_lettuce(scene, corpora)
    scene.serials = scene.make_codes(SALAD, LOT)
    with serving(scene) as running:
        yield running


@pytest.fixture(params=["product", "lot", "item", "unknown lot", "forged item", "item without its lot"])
def scanned(request: pytest.FixtureRequest, lettuce: Served) -> str:
    """The path of a scanned code of the real case: of each level, real and not."""
    serial = lettuce.scene.serials[0]
    return {
        "product": f"/01/{SALAD}",
        "lot": f"/01/{SALAD}/10/{LOT}",
        "item": f"/01/{SALAD}/10/{LOT}/21/{serial}",
        "unknown lot": f"/01/{SALAD}/10/NEVER%2FHEARD",
        "forged item": f"/01/{SALAD}/10/{LOT}/21/0123456789ABCDEFGHJK",
        "item without its lot": f"/01/{SALAD}/21/{serial}",
    }[request.param]
