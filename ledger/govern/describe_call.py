"""What a call of a contract would do, in words: a proposal is read before it is voted upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledger.chain.contracts import DecodedCall, Deployment, decode_call
from ledger.errors import BadInput
from ledger.govern.acts import CONSTITUTION
from ledger.govern.words import constitution_text, function_text, member_text, roles_text, time_text
from ledger.settle.money import amount_text
from ledger.trace.words import Text

Names = Mapping[int, str]

#: (contract, function): a template in each language. {member} is a name, {roles} words, {function} a function's name.
_SENTENCES: dict[tuple[str, str], Text] = {
    ("Members", "admit"): Text(
        "接纳 {name}（{slug}）为成员，角色：{roles}，账户 {account}",
        "Admit {name} ({slug}) as {roles}, with the account {account}",
    ),
    ("Members", "setRoles"): Text(
        "将 {member} 的角色改为：{roles}", "Give {member} these roles in place of its own: {roles}"
    ),
    ("Members", "suspend"): Text("暂停 {member}：{reason}", "Suspend {member}: {reason}"),
    ("Members", "reinstate"): Text("恢复 {member}", "Reinstate {member}"),
    ("Members", "expel"): Text(
        "永久除名 {member}：{reason}。已得款项仍可提取",
        "Expel {member}, for ever: {reason}. What it earned it still withdraws",
    ),
    ("Members", "setRegistrar"): Text("由 {registrar} 分配 GLN 与 GTIN", "Let {registrar} assign GLNs and GTINs"),
    ("Members", "assignLocation"): Text(
        "将地点 {gln}（{name}）归于 {member}", "Assign the location {gln} ({name}) to {member}"
    ),
    ("Members", "assignProduct"): Text(
        "将商品 {gtin}（{name}）归于 {member}", "Assign the product {gtin} ({name}) to {member}"
    ),
    ("Members", "resetAccount"): Text(
        "将 {member} 的账户换为 {to}，其他密钥全部作废",
        "Give {member} the account {to}; every other key of it is revoked",
    ),
    ("Members", "stop"): Text("停用 {function} 至 {until}：{reason}", "Stop {function} until {until}: {reason}"),
    ("Members", "lift"): Text("提前恢复 {function}", "Lift the stop of {function}"),
    ("Members", "handOver"): Text("将治理权移交给 {to}", "Hand governance over to {to}"),
    ("Credit", "freeze"): Text("冻结 {member} 的账户：{reason}", "Freeze the account of {member}: {reason}"),
    ("Credit", "unfreeze"): Text("解冻 {member} 的账户", "Unfreeze the account of {member}"),
    ("Credit", "payFromFund"): Text(
        "从保证金付给 {to} {amount} 元：{reason}", "Pay {to} {amount} yuan from the guarantee fund: {reason}"
    ),
    ("Credit", "admitEscrow"): Text("启用托管合约 {escrow}", "Admit the escrow contract {escrow}"),
    ("Credit", "retireEscrow"): Text(
        "停用托管合约 {escrow}，其中的订单照常结清",
        "Retire the escrow contract {escrow}; the orders in it live out there",
    ),
    ("Validators", "want"): Text(
        "希望 {member} 运行验证节点 {validator}", "Want the validator {validator} of {member}"
    ),
    ("Validators", "unwant"): Text("不再希望有验证节点 {validator}", "No longer want the validator {validator}"),
    ("Directory", "point"): Text("将 {contract} 指向 {at}", "Point {contract} to the contract at {at}"),
    ("Council", "changeConstitution"): Text("修改章程：{constitution}", "Change the constitution: {constitution}"),
}


def describe_data(deployment: Deployment, target: str, data: bytes, names: Names) -> tuple[Text, DecodedCall | None]:
    """In words, with the call taken apart; None for one that is not of our contracts."""
    contract = deployment.contract_at(target)
    try:
        call = decode_call(contract, data) if contract else None
    except BadInput:
        call = None
    if call is None:
        raw = f"{contract or target} 0x{data.hex()}"
        return Text(
            f"调用 {raw}（不是本账本认得的函数）", f"Call {raw}, which is no function known to this ledger"
        ), None
    return describe_call(deployment, call, names), call


def describe_call(deployment: Deployment, call: DecodedCall, names: Names) -> Text:
    """A sentence without its full stop."""
    template = _SENTENCES.get((call.contract, call.function))
    if template is None:
        listed = ", ".join(f"{name} = {_plain(value)}" for name, value in call.args.items())
        said = f"{call.contract}.{call.function}({listed})"
        return Text(f"调用 {said}", f"Call {said}")
    return Text(
        template.zh_cn.format(**_values(deployment, call, names, lambda text: text.zh_cn)),
        template.en.format(**_values(deployment, call, names, lambda text: text.en)),
    )


def _values(deployment: Deployment, call: DecodedCall, names: Names, spoken: Callable[[Text], str]) -> dict[str, Any]:
    args = call.args
    said = {name: _plain(value) for name, value in args.items()}
    if "member" in args:
        said["member"] = member_text(args["member"], names)
    if "roles" in args:
        said["roles"] = spoken(roles_text(args["roles"]))
    if "selector" in args:
        said["function"] = function_text(deployment, args["target"], args["selector"])
    if "until" in args:
        said["until"] = spoken(time_text(args["until"]))
    if call.function == "payFromFund":
        said |= {"to": member_text(args["to"], names), "amount": amount_text(args["amountFen"])}
    if call.function == "assignLocation":
        said["gln"] = f"{args['gln']:013d}"
    if call.function == "assignProduct":
        said["gtin"] = f"{args['gtin']:014d}"
    if call.function == "point":
        said |= {"contract": text_of_bytes32(args["name"]), "at": args["at_"]}
    if call.function == "changeConstitution":
        numbers = {ours: args["constitution_"][theirs] for ours, theirs in CONSTITUTION.items()}
        said["constitution"] = spoken(constitution_text(numbers))
    return said


def text_of_bytes32(raw: bytes) -> str:
    """A name padded with zeros on the right, as Directory keeps them; hex where it is no ASCII."""
    name = raw.rstrip(b"\0")
    return name.decode() if name.isascii() and name.decode().isprintable() else "0x" + raw.hex()


def _plain(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value
