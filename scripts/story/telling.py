"""How the demo speaks: numbered steps, the command that each runs, and patience when a process was killed meanwhile."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import time
from collections.abc import Sequence
from typing import Any

from ledger.cli.main import run
from ledger.config import Home, Settings
from ledger.errors import Unavailable

PATIENCE_SECONDS = 90


class Telling:
    """One telling of the story in one home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.links: list[tuple[str, str]] = []
        self._number = 0

    def chapter(self, title: str) -> None:
        print(f"\n━━ {title} ━━", flush=True)

    def step(self, sentence: str) -> None:
        self._number += 1
        print(f"\n{self._number:2}. {sentence}", flush=True)

    def say(self, sentence: str) -> None:
        print(f"    {sentence}", flush=True)

    def link(self, name: str, url: str) -> None:
        self.links.append((name, url))
        self.say(f"→ {name}: {url}")

    def login(self, member: str, page: str) -> str:
        """A link that signs in: what follows # reaches no server's log."""
        token = self.suyuan("session", "--as", member, quiet=True)["token"]
        return f"{Settings.load(self.home).api_url}/login?next={page}#{token}"

    def suyuan(self, *words: str, quiet: bool = False, may_say_no: bool = False) -> Any:
        """Runs a command as a user would and returns its JSON. Waits and repeats while a process is being started again:
        every command is harmless to repeat."""
        if not quiet:
            self.say(f"$ suyuan {shlex.join(words)}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, document = _run([*words, "--json", "--home", str(self.home.path)])
            if status == 0 or (may_say_no and "error" not in document):
                return document
            if document.get("error") != "Unavailable" or time.monotonic() > deadline:
                raise Unavailable(
                    f"`suyuan {shlex.join(words)}` failed: {document.get('what', document)}", hint=document.get("hint")
                )
            time.sleep(0.5)

    def close(self, seconds: float) -> None:
        print(f"\n━━ The story is told ({seconds:.0f} s). Open: ━━")
        for name, url in self.links:
            print(f"  {name}\n    {url}")


def _run(words: Sequence[str]) -> tuple[int, dict[str, Any]]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = run(words)
    try:
        return status, json.loads(said.getvalue() or "{}")
    except json.JSONDecodeError:
        return status, {"what": said.getvalue()}
