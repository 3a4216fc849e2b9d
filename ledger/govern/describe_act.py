"""An administrative act, told as a line of the public page: what the chain's event says, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledger.chain.contracts import Deployment
from ledger.govern.words import constitution_text, duration_text, function_text, member_text, roles_text, time_text
from ledger.trace.words import Text

#: By the event's name in snake case. {member} is a name; {yes} stands for one of two words.
SENTENCES: dict[str, Text] = {
    "member_admitted": Text("{name}（{slug}）成为成员，角色：{roles}", "{name} ({slug}) was admitted as {roles}"),
    "roles_changed": Text("{member} 的角色改为：{roles}", "{member} now has these roles: {roles}"),
    "member_suspended": Text("{member} 被暂停：{reason}", "{member} was suspended: {reason}"),
    "member_reinstated": Text("{member} 恢复资格", "{member} was reinstated"),
    "member_expelled": Text("{member} 被永久除名：{reason}", "{member} was expelled, for ever: {reason}"),
    "member_left": Text("{member} 退出", "{member} left"),
    "registrar_set": Text("由 {registrar} 分配 GLN 与 GTIN", "{registrar} assigns GLNs and GTINs from now on"),
    "location_assigned": Text(
        "地点 {gln}（{name}）归于 {member}", "The location {gln} ({name}) was assigned to {member}"
    ),
    "product_assigned": Text(
        "商品 {gtin}（{name}）归于 {member}", "The product {gtin} ({name}) was assigned to {member}"
    ),
    "account_rotated": Text(
        "{member} 自行更换了密钥，新账户 {to}", "{member} changed its own key; its account is now {to}"
    ),
    "account_reset": Text(
        "理事会为 {member} 重设账户 {to}，其他密钥全部作废",
        "The council gave {member} the account {to}; its other keys are revoked",
    ),
    "operator_set": Text(
        "{member} 授权操作密钥 {key}：{roles}，至 {until}",
        "{member} lets the key {key} act for it as {roles} until {until}",
    ),
    "key_revoked": Text("{member} 的密钥 {key} 作废", "The key {key} of {member} was revoked"),
    "governance_handed_over": Text("治理权移交给 {to}", "Governance was handed over to {to}"),
    "function_stopped": Text("{function} 停用至 {until}：{reason}", "{function} was stopped until {until}: {reason}"),
    "function_lifted": Text("{function} 提前恢复", "The stop of {function} was lifted"),
    "constitution_changed": Text("章程为：{constitution}", "The constitution is: {constitution}"),
    "proposal_made": Text("{member} 提出第 {proposal} 号提案：{reason}", "{member} made proposal {proposal}: {reason}"),
    "vote_cast": Text("{member} 对第 {proposal} 号提案投{yes}", "{member} said {yes} to proposal {proposal}"),
    "proposal_passed": Text(
        "第 {proposal} 号提案通过，可于 {executable_from} 起执行",
        "Proposal {proposal} passed; it can be executed from {executable_from}",
    ),
    "proposal_fell": Text("第 {proposal} 号提案不再达到法定票数", "Proposal {proposal} has its quorum no more"),
    "proposal_executed": Text("第 {proposal} 号提案已执行", "Proposal {proposal} was executed"),
    "proposal_withdrawn": Text(
        "第 {proposal} 号提案被提案方收回", "Proposal {proposal} was taken back by its proposer"
    ),
    "stop_called": Text(
        "{member} 要求停用 {function}（{duration}）：{reason}",
        "{member} asked to stop {function} for {duration}: {reason}",
    ),
    "lift_called": Text("{member} 要求提前恢复 {function}", "{member} asked to lift the stop of {function}"),
    "validator_wanted": Text(
        "希望 {member} 运行验证节点 {validator}", "The validator {validator} of {member} is wanted"
    ),
    "validator_unwanted": Text(
        "不再希望有 {member} 的验证节点 {validator}", "The validator {validator} of {member} is wanted no more"
    ),
    "contract_pointed": Text("合约 {name} 现位于 {address}", "The contract {name} now stands at {address}"),
    "escrow_admitted": Text("启用托管合约 {escrow}", "The escrow contract {escrow} was admitted"),
    "escrow_retired": Text(
        "停用托管合约 {escrow}，其中的订单照常结清",
        "The escrow contract {escrow} was retired; its orders live out there",
    ),
    "account_frozen": Text("{member} 的账户被冻结：{reason}", "The account of {member} was frozen: {reason}"),
    "account_unfrozen": Text("{member} 的账户解冻", "The account of {member} was unfrozen"),
}

_YES, _NO = Text("赞成票", "yes"), Text("反对票", "no")


def describe_act(deployment: Deployment, act: str, data: Mapping[str, Any], names: Mapping[int, str]) -> Text:
    """A sentence without its full stop; an act that is not known here is told by its name and values."""
    template = SENTENCES.get(act)
    if template is None:
        listed = ", ".join(f"{name} = {value}" for name, value in data.items())
        return Text(f"{act}（{listed}）", f"{act} ({listed})")
    chinese, english = (_values(deployment, act, data, names, spoken) for spoken in (_zh, _en))
    return Text(template.zh_cn.format_map(chinese), template.en.format_map(english))


def _values(
    deployment: Deployment, act: str, data: Mapping[str, Any], names: Mapping[int, str], spoken: Callable[[Text], str]
) -> dict[str, Any]:
    said: dict[str, Any] = dict(data)
    if "member" in said:
        said["member"] = member_text(said["member"], names)
    if "roles" in said:
        said["roles"] = spoken(roles_text(said["roles"]))
    if "selector" in said:
        selector = bytes.fromhex(str(said["selector"]).removeprefix("0x"))
        said["function"] = function_text(deployment, said["target"], selector)
    for name in ("until", "executable_from"):
        if said.get(name) is not None:
            said[name] = spoken(time_text(said[name]))
    if "duration" in said:
        said["duration"] = spoken(duration_text(said["duration"]))
    if "yes" in said:
        said["yes"] = spoken(_YES if said["yes"] else _NO)
    if act == "constitution_changed":
        said["constitution"] = spoken(constitution_text(said))
    return said


def _zh(text: Text) -> str:
    return text.zh_cn


def _en(text: Text) -> str:
    return text.en
