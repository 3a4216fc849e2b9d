"""Each rule of the syntax dictionary, on an AI that carries it: what is wrong is refused with the reason, what is right
passes.
"""

from __future__ import annotations

import pytest

from ledger.errors import BadInput
from ledger.trace.gs1.elements import check_value, require_known

# AI, wrong values (with words of the reason), right values.
CASES: list[tuple[str, dict[str, str], list[str]]] = [
    ("01", {"09520123456789": "8 was expected", "9520123456788": "14 characters", "0952012345678X": "only digits"},
     ["09520123456788"]),
    ("00", {"006141411234567891": "check digit"}, ["006141411234567890"]),
    ("8003", {"19521141111116": "must be zero", "09521141111112": "check digit"}, ["09521141111116", "09521141111116A-1"]),
    ("8013", {"1987654Ad4X4bL5ttr2310cXK": "2K was expected", "7": "too short"},
     ["1987654Ad4X4bL5ttr2310c2K"]),
    ("8014", {"33": "22 was expected"}, ["1987654Ad4X4bL5ttr2310c2K"]),
    ("8004", {"ABC123": "Company Prefix", "123": "Company Prefix", "1234 5": "' '"}, ["1234ABC"]),
    ("8010", {"1234a": "'a'"}, ["1234A-#/9"]),
    ("8011", {"012": "start with a zero", "12A": "only digits"}, ["1", "120"]),
    ("8030", {"ab+c": "'+'", "a=b": "only letters"}, ["abc-_XYZ09", "YWI=", "YQ=="]),
    ("10", {"": "empty", "A B": "' '", "A" * 21: "1 to 20", "ä": "'ä'", "A^": "'^'"}, ["A(1)%/_", "a" * 20]),
    ("17", {"251301": "no month", "250001": "no month", "250431": "no day 31", "230229": "no day 29"},
     ["250430", "240229", "250400", "000229"]),
    ("7006", {"250400": "must name its day", "250932": "no day 32"}, ["250430"]),
    ("7007", {"2504302504": "too short", "250430250432": "no day 32"}, ["250430", "250430250501"]),
    ("7250", {"19000229": "no day 29", "20251232": "no day", "20251200": "its day"}, ["20000229", "19991231"]),
    ("4324", {"2504302460": "no hour", "2504302360": "no minute"}, ["2504302359"]),
    ("8008", {"2504302461": "no hour", "250430236": "too short", "250430235960": "no second", "25043023590": "too short"},
     ["25043023", "2504302359", "250430235959"]),
    ("421", {"999X": "no country", "156": "4 to 12"}, ["156100000"]),
    ("423", {"15699": "too short", "156999": "no country"}, ["156", "156840826"]),
    ("7030", {"998A": "no country"}, ["999A", "156A"]),
    ("4307", {"XX": "no two-letter country", "cn": "no two-letter country"}, ["CN"]),
    ("3910", {"000100": "no currency", "1561234567890123456": "4 to 18"}, ["156100"]),
    ("4300", {"A%2": "hex digits", "A%zz": "hex digits"}, ["A%20B", "AB"]),
    ("4309", {"18000000010000000000": "latitude", "00000000003600000001": "longitude"}, ["18000000003600000000"]),
    ("4321", {"2": "0 for no"}, ["0", "1"]),
    ("4330", {"000100+": "hyphen"}, ["000100", "000100-"]),
    ("7040", {"1AB.": "importer index"}, ["1ABC", "1AB-"]),
    ("7041", {"QZ": "no package type"}, ["PX", "8", "200"]),
    ("7241", {"00": "media type", "11": "media type", "79": "media type"}, ["01", "10", "80"]),
    ("7252", {"3": "5218"}, ["9"]),
    ("7258", {"2/1": "exceeds", "0/1": "position/end", "1-2": "position/end"}, ["1/2", "9/9"]),
    ("8001", {"00000001000100": "0000 must not be zero", "00010000000100": "00000 must", "00010001000130": "winding"},
     ["00010001000190"]),
    ("8006", {"095201234567880001": "not be zero", "095201234567880302": "exceeds"}, ["095201234567880102"]),
    ("8007", {"BE71096123456760": "check digits are wrong", "XX361234567890": "country", "BE7109": "too short"},
     ["BE71096123456769", "GB98MIDL07009312345678"]),
    ("8110", {"0123456123456": "ends within", "7123": "length of the company prefix", "01234561234561111012A": "digits",
              "0123456123456111101237": "left over", "012345612345611110123320250230": "expiration date",
              "01234561234561111012332501014250102": "before it starts"},
     ["012345612345611110123", "012345612345611110123" + "10" + "110" + "123" + "9",
      "01234561234561111012332501024250101", "012345612345611110123" + "9" + "0" + "0" + "0" + "1"]),
    ("8112", {"201234561234560123456": "coupon format", "0012345612345601234567": "left over"}, ["001234561234560123456"]),
]  # fmt: skip
WRONG = [(ai, value, reason) for ai, wrong, _ in CASES for value, reason in wrong.items()]
RIGHT = [(ai, value) for ai, _, right in CASES for value in right]


@pytest.mark.parametrize(("ai", "value", "reason"), WRONG)
def test_a_value_that_breaks_a_rule_is_refused_with_the_reason(ai: str, value: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_value(require_known(ai), value)
    assert reason in refused.value.what
    assert f"({ai})" in refused.value.what


@pytest.mark.parametrize(("ai", "value"), RIGHT)
def test_a_value_that_keeps_the_rules_passes(ai: str, value: str) -> None:
    check_value(require_known(ai), value)


def test_an_ai_that_gs1_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match=r"no AI \(89\)"):
        require_known("89")
