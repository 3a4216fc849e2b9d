"""The words of the pages: whole, in both languages, with the same blanks to fill."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import api
from api.pages.formats import chain_time, event_time, grouped, local_time, percent, yuan
from api.pages.language import _accepted, all_words
from api.pages.log_batch import UNITS
from ledger.chain.roles import Role
from ledger.trace.recall_report import AMOUNTS

ROOT = Path(api.__file__).parent
BLANK = re.compile(r"\{(\w+)\}")


def used_keys() -> set[str]:
    """Keys that stand literally in templates and code, and those that are put together."""
    found: set[str] = set()
    for file in [*ROOT.rglob("*.html"), *ROOT.rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"""["']([a-z]+\.[a-zA-Z_0-9]+)["']""", text))
        found |= set(re.findall(r"""\bt\('([a-z_]+)'""", text))
    found |= {f"role.{role.name}" for role in Role} | {f"unit.{unit}" for unit in UNITS}
    found |= {f"standing.{one}" for one in ("active", "suspended", "expelled", "left")}
    found |= {f"gov.key_{one}" for one in ("account", "operator")}
    found |= {f"state.{state}" for state in ("placed", "paid", "delivered", "settled", "refunded")}
    found |= {f"refund.{state}" for state in ("requested", "booked", "returned")}
    found |= {f"problem.{status}" for status in (400, 401, 403, 404, 405, 409, 413, 422, 500, 503)}
    found |= {f"severity.{one}" for one in ("conflict", "gap")} | {
        f"scan.{one}" for one in ("used", "made", "pallet", "goods")
    }
    found |= {f"log.fault.{one}" for one in ("product", "lot", "quantity", "unit", "place", "at")}
    found |= {f"verdict.{kind}{more}" for kind in ("genuine", "lot") for more in ("", "_doubt", "_doubt_one")}
    found |= {f"verdict.{kind}{why}" for kind in ("forged", "unknown_serial") for why in ("", "_why")}
    found |= {f"chain.{reason}" for reason in ("no_block", "no_node")}
    found |= {f"recall.{one}" for one in ("csv", "xlsx", "fsma", *AMOUNTS)}
    found |= {f"webhooks.{state}" for state in ("active", "disabled")}
    return found


def test_every_key_has_both_languages_with_the_same_blanks() -> None:
    for key, sentences in all_words().items():
        assert set(sentences) == {"zh", "en"}, key
        assert set(BLANK.findall(sentences["zh"])) == set(BLANK.findall(sentences["en"])), key
        assert sentences["zh"].strip(), key


def test_every_word_is_used() -> None:
    assert set(all_words()) - used_keys() == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh-TW;q=0.3", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        ("en;q=0.5, zh;q=0.51", "zh"),
    ],
)
def test_language_is_the_best_accepted_one(header: str, language: str) -> None:
    assert _accepted(header) == language


def test_money_has_two_decimals_and_its_sign() -> None:
    assert [yuan(fen) for fen in (0, 5, 123456, -5, 9 * 10**14)] == [
        "¥0.00", "¥0.05", "¥1,234.56", "−¥0.05", "¥9,000,000,000,000.00",
    ]  # fmt: skip
    assert [percent(bps) for bps in (1200, 1250, 1, 10000)] == ["12 %", "12.5 %", "0.01 %", "100 %"]


def test_times_show_their_zone() -> None:
    assert event_time("2026-04-17T09:26:42-04:00", "-04:00", False, "en") == "17 Apr 2026 09:26 (UTC−04:00)"
    assert event_time("2026-04-18T00:00:00-04:00", "-04:00", True, "zh") == "2026年4月18日 (UTC−04:00)"
    assert local_time("2026-04-17T13:26:42.000Z", "+08:00", "en") == "17 Apr 2026 21:26 (UTC+08:00)"
    assert chain_time(1_776_500_000, "en") == "18 Apr 2026 16:13:20 (UTC+08:00)"


def test_quantities_are_grouped_and_stay_as_said() -> None:
    assert [grouped(text) for text in ("25000", "0.50", "12345.6", "many")] == ["25,000", "0.50", "12,345.6", "many"]
