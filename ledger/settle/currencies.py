"""ISO 4217: how many decimals a currency has.

A code that is not listed is refused rather than guessed: a wrong exponent is an amount that is wrong by a hundred.
"""

from __future__ import annotations

_BY_DECIMALS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BEF BYR ESP GRD ITL LUF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ "
        "GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD "
        "MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON "
        "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS "
        "UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
        # Withdrawn ones that older bank files still name.
        "ANG ATS CUC CYP DEM EEK FIM FRF HRK IEP LTL LVL MRO MTL NLG PTE SIT SKK SLL STD VEF ZWL"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()}


def exponent_of(currency: str) -> int | None:
    """Decimals of an ISO 4217 code (CNY 2, JPY 0, KWD 3); None when the code is not one."""
    return _EXPONENTS.get(currency)
