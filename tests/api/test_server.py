"""`python -m api`: starts, says so, stops at once when asked, and says plainly why it cannot start."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from api_scene import Scene, make_scene

from api.__main__ import listen, main
from ledger.errors import BadInput

STOP_SECONDS = 10


def start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "api", "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What it says on standard error before it ends with status 1."""
    monkeypatch.setattr(sys, "argv", ["api", "--home", str(home)])
    assert main() == 1
    return capsys.readouterr().err


def test_home_without_a_ledger_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "There is no ledger" in run(tmp_path / "nowhere", monkeypatch, capsys)


def test_port_in_use_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = make_scene(tmp_path / "home")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(scene.ledger.settings.api_url.rsplit(":", 1)[1])))
        taken.listen()
        assert "another program listens there" in run(scene.ledger.home.path, monkeypatch, capsys)


def test_address_without_a_port_is_told_in_a_sentence() -> None:
    for url in ("http://127.0.0.1", "nonsense", "http://127.0.0.1:99999"):
        with pytest.raises(BadInput, match="no address to listen on"):
            listen(url)


def test_server_stops_when_asked_though_somebody_listens(tmp_path: Path) -> None:
    scene: Scene = make_scene(tmp_path / "home")
    url = scene.ledger.settings.api_url
    process = start(scene.ledger.home.path)
    try:
        assert process.stdout is not None
        assert url in process.stdout.readline()
        assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "ok"}
        with httpx.stream("GET", f"{url}/stream", trust_env=False, timeout=STOP_SECONDS) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry")
            process.send_signal(signal.SIGTERM)
            assert all(not line.startswith("data") for line in lines)  # the stream ends
        process.wait(STOP_SECONDS)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
