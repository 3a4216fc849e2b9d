"""What the README says can be checked: its paths exist, its commands run, its layout is the real one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli.main import app, run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_path_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`((?:api|contracts|ledger|scripts|tests)/[\w./-]*)`", README))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_command_that_the_readme_shows_exists(capsys: pytest.CaptureFixture[str]) -> None:
    shown = set(re.findall(r"suyuan ((?:[a-z][a-z0-9-]+)(?: [a-z][a-z0-9-]+)?)", README))
    commands = _commands()
    assert shown
    unknown = [words for words in shown if words.split()[0] not in {command.split()[0] for command in commands}]
    assert unknown == []
    assert run(["--help"]) == 0
    assert "Usage: suyuan" in capsys.readouterr().out


def test_words_that_are_off_are_told_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["trace"], ["capture"], ["no-such-command"], ["orders", "import"]):
        assert run(words) == 2
        assert "Usage: suyuan" in capsys.readouterr().err


def test_the_readme_lists_every_command() -> None:
    assert [command for command in _commands() if f"`suyuan {command}" not in README] == []


def test_scripts_tell_what_is_wrong_instead_of_failing_silently() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "scripts.story", "--port", "not-a-port"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "--port" in told.stderr


def test_every_shell_script_parses() -> None:
    scripts = [ROOT / "scripts" / name for name in ("demo", "test", "lock", "environment.sh", "heavy_parts.sh")]
    for script in [*scripts, ROOT / ".ci" / "run"]:
        checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


def test_the_changelog_tells_of_this_version() -> None:
    from ledger import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def _commands() -> list[str]:
    """All commands of `suyuan` by their words."""
    names = [str(command.name) for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        names += [f"{group.name} {command.name}" for command in group.typer_instance.registered_commands]
    return names
