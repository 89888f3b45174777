"""Published code lists: currencies, countries, units; and the check digit of a GTIN."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


CURRENCIES = words("""
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK
    PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG
""")
"""ISO 4217."""

COUNTRIES = words("""
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK
    YE YT ZA ZM ZW
""")
"""ISO 3166-1 alpha-2, and XK."""

UNITS = words("""
    C62 H87 EA PR SET DZN GRO MIL CEN NPR NMP KT RO ST LEF BX CT PK PF PA BG RL TU KGM GRM MGM TNE LBR ONZ
    LTR MLT CLT DLT HLT GLI GLL MTQ CMQ DMQ FTQ INQ YDQ MTR CMT MMT DMT KMT INH FOT YRD MTK CMK MMK FTK YDK
    INK HAR SEC MIN HUR DAY WEE MON ANN KWH MWH JOU MJ WTT KWT CEL BAR P1 E48 ZP 5B LH KTM D41
""")
"""UN/CEFACT Recommendation 20 (and packages of Recommendation 21 that are counted), in common use."""

GTIN_LENGTHS = {8, 12, 13, 14}


def known_currency(value: str) -> str:
    """Refuse what is no ISO 4217 code."""
    if value not in CURRENCIES:
        raise PydanticCustomError(
            "currency", "is no ISO 4217 currency code", {"expected": "a code such as EUR"}
        )
    return value


def known_country(value: str) -> str:
    """Refuse what is no ISO 3166-1 alpha-2 code."""
    if value not in COUNTRIES:
        raise PydanticCustomError(
            "country", "is no ISO 3166-1 country code", {"expected": "a code such as DE"}
        )
    return value


def known_unit(value: str) -> str:
    """Refuse what is no unit in common use."""
    if value not in UNITS:
        expected = "a UN/CEFACT Recommendation 20 code such as C62, KGM or MTR"
        raise PydanticCustomError("unit", "is no unit code that is known here", {"expected": expected})
    return value


def right_check_digit(value: str) -> str:
    """Refuse a GTIN of a wrong length or whose last digit does not follow from the others (GS1, mod 10)."""
    if len(value) not in GTIN_LENGTHS:
        raise PydanticCustomError(
            "gtin", "a GTIN has 8, 12, 13 or 14 digits", {"expected": "8, 12, 13 or 14 digits"}
        )
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(value[:-1]))
    )
    right = str(-weighed % 10)
    if value[-1] != right:
        raise PydanticCustomError(
            "gtin", "the check digit does not fit the others", {"expected": f"{value[:-1]}{right}"}
        )
    return value


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(known_currency)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(known_country)]
Unit = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,3}$"), AfterValidator(known_unit)]
Gtin = Annotated[str, StringConstraints(pattern=r"^[0-9]{8,14}$"), AfterValidator(right_check_digit)]
