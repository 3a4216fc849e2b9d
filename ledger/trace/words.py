"""Plain words in both languages for what events say in codes: business steps, units, quantities.

The page, the terminal and the sentences of findings use the same ones. Quantities stay decimal text, never a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or word in simplified Chinese and in English."""

    zh_cn: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh_cn if language == "zh-CN" else self.en

    def as_json(self) -> dict[str, str]:
        return {"zh-CN": self.zh_cn, "en": self.en}


# The steps of CBV 2.0 section 7.1.
_STEPS: dict[str, Text] = {
    "accepting": Text("验收", "Accepted"),
    "arriving": Text("到达", "Arrived"),
    "assembling": Text("组装", "Assembled"),
    "collecting": Text("收集", "Collected"),
    "commissioning": Text("赋码", "Given its code"),
    "consigning": Text("交运", "Consigned"),
    "creating_class_instance": Text("产出批次", "Lot created"),
    "cycle_counting": Text("盘点", "Counted"),
    "decommissioning": Text("注销编码", "Code retired"),
    "departing": Text("发出", "Departed"),
    "destroying": Text("销毁", "Destroyed"),
    "disassembling": Text("拆解", "Taken apart"),
    "dispensing": Text("分发", "Dispensed"),
    "encoding": Text("写码", "Encoded"),
    "entering_exiting": Text("进出场所", "Entered or left"),
    "holding": Text("暂存", "Held"),
    "inspecting": Text("检验", "Inspected"),
    "installing": Text("安装", "Installed"),
    "killing": Text("停用编码", "Code disabled"),
    "loading": Text("装载", "Loaded"),
    "other": Text("其他处理", "Other handling"),
    "packing": Text("装箱码盘", "Packed"),
    "picking": Text("拣货", "Picked"),
    "receiving": Text("收货", "Received"),
    "removing": Text("取出", "Removed"),
    "repackaging": Text("重新包装", "Repackaged"),
    "repairing": Text("修复", "Repaired"),
    "replacing": Text("更换", "Replaced"),
    "reserving": Text("预留", "Reserved"),
    "retail_selling": Text("零售", "Sold"),
    "sampling": Text("取样", "Sampled"),
    "sensor_reporting": Text("传感器读数", "Measured"),
    "shipping": Text("发货", "Shipped"),
    "staging_outbound": Text("待发", "Staged for dispatch"),
    "stock_taking": Text("清点库存", "Stock taken"),
    "stocking": Text("上架", "Stocked"),
    "storing": Text("入库", "Stored"),
    "transporting": Text("运输", "Transported"),
    "unloading": Text("卸货", "Unloaded"),
    "unpacking": Text("拆包", "Unpacked"),
    "void_shipping": Text("撤销发货", "Shipment voided"),
}

# UN/ECE Recommendation 20, the codes that EPCIS `uom` takes, as far as goods are counted or weighed with them.
_UNITS: dict[str, Text] = {
    "AS": Text("套", "assortments"),
    "BG": Text("袋", "bags"),
    "BO": Text("瓶", "bottles"),
    "BX": Text("盒", "boxes"),
    "CA": Text("罐", "cans"),
    "CR": Text("板条箱", "crates"),
    "CS": Text("箱", "cases"),
    "CT": Text("纸箱", "cartons"),
    "DZN": Text("打", "dozen"),
    "EA": Text("件", "pieces"),
    "GLL": Text("加仑", "gal"),
    "GRM": Text("克", "g"),
    "H87": Text("件", "pieces"),
    "HUR": Text("小时", "hours"),
    "KGM": Text("千克", "kg"),
    "LBR": Text("磅", "lb"),
    "LTR": Text("升", "L"),
    "MLT": Text("毫升", "mL"),
    "MTQ": Text("立方米", "m³"),
    "ONZ": Text("盎司", "oz"),
    "PK": Text("包", "packs"),
    "PX": Text("托盘", "pallets"),
    "STN": Text("短吨", "short tons"),
    "TNE": Text("吨", "t"),
    "XBX": Text("盒", "boxes"),
    "XCR": Text("板条箱", "crates"),
    "XCS": Text("箱", "cases"),
    "XCT": Text("纸箱", "cartons"),
    "XPX": Text("托盘", "pallets"),
}

_SENSOR_UNITS = {"CEL": "°C", "FAH": "°F", "KEL": "K", "P1": "%", "A93": "g/m³"}


def step_name(biz_step: str | None, event_type: str, action: str | None, *, measured: bool = False) -> Text:
    """What happened, in a word or two. A step outside CBV is shown as it was said."""
    if measured and biz_step in (None, "other"):
        return Text("处理并测量", "Handled and measured")
    if event_type == "TransformationEvent" and biz_step in (None, "creating_class_instance", "commissioning"):
        return Text("加工", "Processed")
    if biz_step == "creating_class_instance" and action == "ADD":
        return Text("产出（采收）", "Harvested or produced")
    if biz_step is None:
        return Text("记录", "Recorded")
    return _STEPS.get(biz_step, Text(biz_step, biz_step))


def unit_name(uom: str | None) -> Text:
    """The unit of a quantity; without a code, pieces are counted (EPCIS 2.0 section 7.3.3.3)."""
    if uom is None:
        return Text("件", "pieces")
    return _UNITS.get(uom, Text(uom, uom))


def sensor_unit(uom: str | None) -> str:
    """The sign of a measured value's unit, or its code."""
    return _SENSOR_UNITS.get(uom, uom) if uom else ""


def number(quantity: str | Decimal) -> str:
    """A decimal with thousands separated, without needless zeros: "25,000", "0.5". What is no number stays as said."""
    try:
        value = Decimal(quantity)
    except InvalidOperation:
        return str(quantity)
    if not value.is_finite():
        return str(quantity)
    return f"{value:,f}".rstrip("0").rstrip(".") if value != value.to_integral_value() else f"{value:,.0f}"


def amount(quantity: str | Decimal, uom: str | None) -> Text:
    """ "500 cases", "500 箱"."""
    unit, said = unit_name(uom), number(quantity)
    return Text(f"{said} {unit.zh_cn}", f"{said} {_one(unit.en) if said == '1' else unit.en}")


def _one(units: str) -> str:
    """ "case" for "cases"; signs and codes ("kg", "XYS") as they are."""
    return units.removesuffix("es" if units == "boxes" else "s") if units.islower() and len(units) > 2 else units


def joined(parts: list[Text]) -> Text:
    """A list in words: "a, b and c", "a、b 和 c"."""
    if not parts:
        return Text("", "")
    if len(parts) == 1:
        return parts[0]
    return Text(
        "、".join(part.zh_cn for part in parts[:-1]) + "和" + parts[-1].zh_cn,
        ", ".join(part.en for part in parts[:-1]) + " and " + parts[-1].en,
    )
