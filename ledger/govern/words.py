"""Parts of sentences about governance, in both languages: roles, durations, times, functions, members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ledger.chain.contracts import Deployment, function_of
from ledger.chain.roles import Role
from ledger.settle.zone import SHANGHAI
from ledger.trace.words import Text

_ROLES = {
    Role.FARM: Text("农场", "farm"),
    Role.COOLER: Text("预冷", "cooler"),
    Role.PACKER: Text("包装", "packer"),
    Role.DISTRIBUTOR: Text("配送", "distributor"),
    Role.PROCESSOR: Text("加工", "processor"),
    Role.FISHERY_RECEIVER: Text("水产首收", "fishery receiver"),
    Role.CARRIER: Text("承运", "carrier"),
    Role.CERTIFIER: Text("认证", "certifier"),
    Role.MERCHANT: Text("商家", "merchant"),
    Role.CREATOR: Text("主播", "creator"),
    Role.PLATFORM: Text("平台", "platform"),
    Role.BANK: Text("银行", "bank"),
    Role.REGULATOR: Text("监管", "regulator"),
    Role.COUNCIL: Text("理事席位", "seat on the council"),
    Role.TREASURY: Text("资金", "treasury"),
}

_UNITS = (
    (86_400, Text("天", "day")),
    (3_600, Text("小时", "hour")),
    (60, Text("分钟", "minute")),
    (1, Text("秒", "second")),
)


def roles_text(bits: int) -> Text:
    """The roles in a set of bits: "farm, carrier"."""
    held = [word for role, word in _ROLES.items() if bits & role]
    if not held:
        return Text("无", "no role")
    return Text("、".join(word.zh_cn for word in held), ", ".join(word.en for word in held))


def duration_text(seconds: int) -> Text:
    """In the units that make it up: "1 day 12 hours"; "none" for 0."""
    chinese, english = [], []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            chinese.append(f"{count} {unit.zh_cn}")
            english.append(f"{count} {unit.en}{'' if count == 1 else 's'}")
    return Text(" ".join(chinese) or "无", " ".join(english) or "none")


def time_text(seconds: int) -> Text:
    """A moment with its zone, that of China."""
    local = datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)
    return Text(
        f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}（UTC+08:00）",
        f"{local:%Y-%m-%d %H:%M:%S} (UTC+08:00)",
    )


def percent_text(basis_points: int) -> str:
    """6667 -> 66.67 %."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}{f'.{rest:02d}'.rstrip('0') if rest else ''} %"


def member_text(number: int, names: Mapping[int, str]) -> str:
    return names.get(number) or f"#{number}"


def function_text(deployment: Deployment, target: str, selector: bytes) -> str:
    """`Escrow.pay` for a function of ours, else the address and the selector."""
    contract = deployment.contract_at(target)
    name = function_of(contract, selector) if contract else None
    return f"{contract}.{name}" if name else f"{contract or target} 0x{selector.hex()}"


def constitution_text(values: Mapping[str, Any]) -> Text:
    """All of it, in one sentence's middle; names as the rows have them."""
    delay, voting, execution, longest, window = (
        duration_text(int(values[name]))
        for name in (
            "delay_seconds",
            "voting_seconds",
            "execution_seconds",
            "emergency_max_seconds",
            "emergency_window_seconds",
        )
    )
    quorum, seats = percent_text(int(values["quorum_bps"])), int(values["emergency_seats"])
    return Text(
        f"法定票数为席位的 {quorum}；投票期 {voting.zh_cn}；通过后的异议期 {delay.zh_cn}；执行期 {execution.zh_cn}；"
        f"{seats} 席在 {window.zh_cn}内一致要求即可紧急停用某项功能，最长 {longest.zh_cn}",
        f"a quorum of {quorum} of the seats; {voting.en} to vote; {delay.en} of delay once passed; {execution.en} to execute; "
        f"{seats} seats that ask within {window.en} stop a function for at most {longest.en}",
    )
