"""What the README says can be checked: its paths exist, its commands run, its layout is the real one."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_group

from ledger.cli.main import app, run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_path_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`((?:api|contracts|ledger|scripts|tests)/[\w./-]*)`", README))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_help_is_there_for_the_asking(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "Usage: suyuan" in capsys.readouterr().out


def test_every_command_that_a_hint_a_page_or_a_document_names_exists() -> None:
    named = [(path, words) for path in _texts() for words in _named_commands(path.read_text(encoding="utf-8"))]
    assert {words.split()[0] for _, words in named} >= {"members", "session", "index", "rule", "event-hash"}
    wrong = {f"{path.relative_to(ROOT)}: suyuan {words}" for path, words in named if not _can_be_typed(words)}
    assert wrong == set()


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert _named_commands("See `suyuan rule lost`; <code>suyuan up</code>.") == ["rule lost", "up"]
    assert not _can_be_typed("rule lost")
    assert not _can_be_typed("lost")
    assert not _can_be_typed("members --lost")
    assert _can_be_typed("session --as {principal.slug} --scope {word}")


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


@cache
def _commands() -> dict[str, set[str]]:
    """All commands of `suyuan` by their words, each with its options."""
    found: dict[str, set[str]] = {}
    for name, command in get_group(app).commands.items():
        parts = {f"{name} {part}": each for part, each in getattr(command, "commands", {}).items()} or {name: command}
        for words, each in parts.items():
            found[words] = {option for parameter in each.params for option in parameter.opts} | {"--help"}
    return found


def _texts() -> list[Path]:
    """What people read of the program: documents, and all that a hint, a page or a docstring may stand in."""
    written = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "contracts" / "README.md"]
    for folder in ("ledger", "api", "scripts"):
        written += [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".html", ".json", ".js")]
    return [path for path in written if "artifacts" not in path.parts]


def _named_commands(text: str) -> list[str]:
    """What follows `suyuan` where it is set as something to type: in backticks, in <code>, after "command:"."""
    return re.findall(r"(?:`|<code>|\$ |命令：|project: )suyuan ([a-z][^`<。]*)", text)


def _can_be_typed(words: str) -> bool:
    """Whether there is such a command (or such a group, where no more is said), with the options that are named."""
    commands, said = _commands(), words.split()
    pair = " ".join(said[:2])
    command = pair if pair in commands else said[0]
    if command not in commands:
        return said == [command] and any(each.startswith(f"{command} ") for each in commands)
    return set(re.findall(r"(?<![\w-])--[a-z-]+", words)) <= commands[command]
