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


def open_streams(url: str, count: int) -> list[socket.socket]:
    """So many listeners, each with a connection of its own that has heard its first words."""
    host, port = url.removeprefix("http://").split(":")
    lines = []
    for _ in range(count):
        line = socket.create_connection((host, int(port)), timeout=STOP_SECONDS)
        line.sendall(f"GET /stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        lines.append(line)
    for line in lines:
        heard = b""
        while b"retry: " not in heard:
            heard += line.recv(4096)
    return lines


@pytest.mark.parametrize("count", [1, 100])
def test_server_stops_when_asked_though_many_listen(tmp_path: Path, count: int) -> None:
    scene: Scene = make_scene(tmp_path / "home")
    url = scene.ledger.settings.api_url
    process = start(scene.ledger.home.path)
    try:
        assert process.stdout is not None
        assert url in process.stdout.readline()
        assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "ok"}
        lines = open_streams(url, count)
        process.send_signal(signal.SIGTERM)
        for line in lines:
            while heard := line.recv(4096):  # until the stream ends
                assert b"data" not in heard
            line.close()
        said, complained = process.communicate(timeout=STOP_SECONDS)
        assert "Traceback" not in said + complained
        assert "error" not in said + complained
    finally:
        process.kill()
        process.wait()
