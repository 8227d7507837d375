"""Policy files that are broken in one way each, and what the person who broke them is told."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import duckdb
import pytest
from dagster._utils.schedules import is_valid_cron_schedule
from dbt_common.clients import agate_helper

from clientele import policy
from clientele.policy.declarations import declared
from clientele.policy.reader import read
from clientele.policy.values import WrongValueError, value_of
from clientele.settings import ROOT
from expectations.limits import delivery_limits
from orchestration import check
from orchestration.loading.reading.headers import ForbiddenTerms, TotalWords

LIMITS, PARAMETERS, PATTERNS = "delivery_limits.csv", "policy_parameters.csv", "personal_data_patterns.csv"
RULES = "classification_rules.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the policy that a test may break."""
    return Path(shutil.copytree(policy.POLICY, tmp_path / "policy"))


def at(folder: Path, name: str) -> Path:
    """Where a file of a policy folder lies."""
    [file] = folder.rglob(name)
    return file


@dataclass(frozen=True)
class Broken:
    """One change to a file, and the messages that follow from it, without the folder."""

    file: str
    old: str
    new: str
    messages: tuple[str, ...]


def broken(file: str, old: str, new: str, *messages: str) -> Broken:
    return Broken(file, old, new, messages)


RATIO = "transactions,volume_min_ratio,,0.1,error,Data Office,"
DAYS_90 = "activity,active_window_days,90,days,Retail Banking,A customer counts as active with at least"

BROKEN = {
    "a Chinese comma in a number": broken(
        LIMITS,
        RATIO,
        "transactions,volume_min_ratio,,0，1,error,Data Office,",
        "line 9, column limit_value: '0，1' is not a number (decimal(18,6)); write 0.1",
    ),
    "full-width digits": broken(
        LIMITS,
        "fx_rates,freshness_max_days,,12,",
        "fx_rates,freshness_max_days,,１２,",
        "line 5, column limit_value: '１２' is not a number (decimal(18,6)); write 12",
    ),
    "a word for a number": broken(
        LIMITS,
        "fx_rates,freshness_max_days,,12,",
        "fx_rates,freshness_max_days,,twelve,",
        "line 5, column limit_value: 'twelve' is not a number (decimal(18,6))",
    ),
    "thousands with a comma": broken(
        PARAMETERS,
        "declining_reference_aum_amount,10000,",
        'declining_reference_aum_amount,"10,000",',
        "line 12, column value: '10,000' is not a number (decimal(18,2)); write 10000, in the unit CNY",
    ),
    "a percentage": broken(
        PARAMETERS,
        "declining_aum_ratio,0.7,",
        "declining_aum_ratio,70%,",
        "line 13, column value: '70%' is not a number (decimal(6,4)); write 0.7, in the unit ratio",
    ),
    "an exponent": broken(
        "release_limits.csv",
        "psi_floor_share,0.0001,",
        "psi_floor_share,1E-4,",
        "line 4, column limit_value: '1E-4' is not a number (decimal(18,6)); write 0.0001",
    ),
    "more decimals than are kept": broken(
        "alert_rule_parameters.csv",
        "maximum_probability,,0.02,",
        "maximum_probability,,0.02001,",
        "line 6, column value: '0.02001' has more than 4 decimals (decimal(18,4))",
    ),
    "a number too large": broken(
        "product_families.csv",
        "card,none,1,",
        "card,none,100,",
        "line 8, column product_coefficient: '100' is too large; less than 100 (decimal(6,4))",
    ),
    "half a day": broken(
        PARAMETERS,
        DAYS_90,
        DAYS_90.replace("90", "90.5"),
        "line 3, column value: '90.5' is not a whole number (integer), in the unit days",
    ),
    "a negative number of days": broken(
        PARAMETERS,
        DAYS_90,
        DAYS_90.replace("90", "-90"),
        "line 3, column value: '-90' is too small; at least 0, in the unit days",
    ),
    "a negative limit": broken(
        LIMITS,
        RATIO,
        RATIO.replace("0.1", "-0.1"),
        "line 9, column limit_value: '-0.1' is too small; at least 0",
    ),
    "a date as Excel saves it": broken(
        "transaction_types.csv",
        "Cash deposit,存款,Retail Banking,Initiated by the customer.,1990-01-01,",
        "Cash deposit,存款,Retail Banking,Initiated by the customer.,1990/1/1,",
        "line 2, column effective_from: '1990/1/1' is not a date; write 1990-01-01",
    ),
    "a date as a number": broken(
        "holidays.csv",
        "2018-01-01,holiday",
        "43101,holiday",
        "line 2, column date: '43101' is not a date; write it as YYYY-MM-DD",
    ),
    "a day that does not exist": broken(
        "holidays.csv",
        "2018-01-01,holiday",
        "2018-02-29,holiday",
        "line 2, column date: '2018-02-29' is not a day of the calendar",
    ),
    "a boolean in capitals": broken(
        "transaction_types.csv",
        "deposit,in,true,",
        "deposit,in,TRUE,",
        "line 2, column is_active: 'TRUE' is not a boolean; valid: true, false",
    ),
    "a blank required number": broken(
        LIMITS,
        RATIO,
        RATIO.replace("0.1", ""),
        "line 9, column limit_value: is empty; a value of the type decimal(18,6) is needed",
    ),
    "no owner": broken(
        LIMITS,
        RATIO,
        RATIO.replace("Data Office", ""),
        "line 9, column owner: is empty; a text is needed",
    ),
    "a severity that does not exist": broken(
        LIMITS,
        RATIO,
        RATIO.replace("error", "fatal"),
        "line 9, column severity: 'fatal' is not allowed; valid: error, warn",
    ),
    "a severity in capitals": broken(
        LIMITS,
        RATIO,
        RATIO.replace("error", "Error"),
        "line 9, column severity: 'Error' is not allowed; valid: error, warn; did you mean error?",
    ),
    "an entity that nobody delivers": broken(
        LIMITS,
        "fx_rates,freshness_max_days",
        "fx_rate,freshness_max_days",
        "line 5, column entity: 'fx_rate' is not allowed; valid: *, accounts, balances, branches, "
        "campaign_members, campaigns, complaints, customers, employees, fx_rates, interactions, points, "
        "product_returns, products, survey_responses, transactions; did you mean fx_rates?",
    ),
    "a code that the labels do not know": broken(
        "lifecycle_transitions.csv",
        "prospect,onboarding,",
        "prospects,onboarding,",
        "line 2, column from_stage: 'prospects' is not allowed; valid: prospect, onboarding, growth, mature, "
        "declining, dormant, lost, recovered; did you mean prospect?",
    ),
    "a cell that is none": broken(
        "rfm_segments.csv",
        "111,lowest,",
        "116,lowest,",
        "line 2, column rfm_cell: '116' does not have the form [1-5]{3}",
    ),
    "blanks at the end of a value": broken(
        LIMITS,
        RATIO,
        RATIO.replace("error", "error "),
        "line 9, column severity: 'error ' has blanks at its ends; write 'error'",
    ),
    "a full-width blank": broken(
        "labels.csv",
        "Individual,个人,",
        "Individual,个人\u3000,",
        "line 2, column label_zh: '个人\\u3000' has blanks at its ends; write '个人'",
    ),
    "an invisible character": broken(
        "labels.csv",
        "Individual,个人,",
        "Individual,个\u200b人,",
        "line 2, column label_zh: '个\\u200b人' holds the invisible or broken character U+200B",
    ),
    "an empty column at the end of a line": broken(
        "product_families.csv",
        "asset nor loan here.,1990-01-01,",
        "asset nor loan here.,1990-01-01,,",
        "line 8: has 10 fields instead of 9 (product_family,measure,product_coefficient,label_en,label_zh,"
        "owner,rationale,effective_from,effective_to); a value with a comma stands in quotes",
    ),
    "a Chinese comma between fields": broken(
        "potential_profiles.csv",
        "income_band,high,",
        "income_band，high,",
        "line 2: has 5 fields instead of 6 (attribute,value,owner,rationale,effective_from,effective_to); "
        "a Chinese comma ， is not a separator; a value with a comma stands in quotes",
    ),
    "a comma in a text": broken(
        "potential_profiles.csv",
        "Executives build wealth fastest.",
        "Executives, mostly, build wealth fastest.",
        "line 4: has 8 fields instead of 6 (attribute,value,owner,rationale,effective_from,effective_to); "
        "a value with a comma stands in quotes",
    ),
    "an empty line between lines": broken(
        "potential_profiles.csv",
        "\nincome_band,very_high",
        "\n\nincome_band,very_high",
        "line 3: is empty; remove it",
    ),
    "a line of commas": broken(
        "potential_profiles.csv",
        "\nincome_band,very_high",
        "\n,,,,,\nincome_band,very_high",
        "line 3: has no values; remove it",
    ),
    "a quote that is not closed": broken(
        PARAMETERS,
        '"95 % confidence, two-sided."',
        '"95 % confidence, two-sided.',
        'line 22: has a quote that is not closed on the line; a value with , or " stands in quotes '
        "and doubles "
        "the quotes inside",
    ),
    "a single quote in front": broken(
        "potential_profiles.csv",
        "Executives build wealth fastest.",
        "'Executives build wealth fastest.'",
        "line 4: has a value that begins with ', which dbt may take for a quote; write it without",
    ),
    "a commented line": broken(
        "potential_profiles.csv",
        "income_band,high,",
        "#income_band,high,",
        "line 2: begins with #, which dbt may take for a comment; a line must be a row",
    ),
    "a renamed column": broken(
        "potential_profiles.csv",
        "attribute,value,",
        "attribute,code,",
        "line 1, column value: is missing in the header; the header must be "
        "attribute,value,owner,rationale,effective_from,effective_to",
        "line 1: 'code' is not a column; the header must be "
        "attribute,value,owner,rationale,effective_from,effective_to",
    ),
    "a missing column": broken(
        "rfm_excluded_customers.csv",
        ",effective_to",
        "",
        "line 1, column effective_to: is missing in the header; the header must be "
        "customer_id,owner,rationale,effective_from,effective_to",
    ),
    "a column twice": broken(
        "rfm_excluded_customers.csv",
        "owner,",
        "owner,owner,",
        "line 1, column owner: is in the header twice; the header must be "
        "customer_id,owner,rationale,effective_from,effective_to",
    ),
    "an empty column at the end": broken(
        "rfm_excluded_customers.csv",
        ",effective_to",
        ",effective_to,",
        "line 1: a column without a name; the header must be "
        "customer_id,owner,rationale,effective_from,effective_to",
    ),
    "columns in another order": broken(
        "rfm_excluded_customers.csv",
        "customer_id,owner",
        "owner,customer_id",
        "line 1: the columns are in another order; the header must be "
        "customer_id,owner,rationale,effective_from,effective_to",
    ),
    "an end before the beginning": broken(
        "product_families.csv",
        "asset nor loan here.,1990-01-01,",
        "asset nor loan here.,1990-01-01,1989-12-31",
        "line 8, column effective_to: '1989-12-31' lies before effective_from, 1990-01-01",
    ),
    "a row twice": broken(
        "alert_rule_parameters.csv",
        "\nfrequency_drop,improbable_from_total,10,",
        "\nfrequency_drop,improbable_from_total,9,106,days,Risk Management,Again.,1990-01-01,"
        "\nfrequency_drop,improbable_from_total,10,",
        "line 17, column effective_from: '1990-01-01' for frequency_drop improbable_from_total 9 "
        "is in line 16 as well; keep one",
    ),
    "a day twice": broken(
        "holidays.csv",
        "2018-02-15,holiday",
        "2018-01-01,holiday",
        "line 4, column date: 2018-01-01 is in line 2 as well; keep one",
    ),
    "a year without holidays": broken(
        "holidays.csv",
        "2018-01-01,holiday",
        "2016-01-01,holiday",
        "column date: no row in 2017; the years from the first to the last row need some",
    ),
    "an overlap": broken(
        PARAMETERS,
        "\nrfm,frequency_months",
        "\nactivity,active_window_days,60,days,Retail Banking,Shorter.,2026-01-01,\nrfm,frequency_months",
        "line 4, column effective_from: activity active_window_days has two rows in force from "
        "2026-01-01 on, "
        "lines 3 and 4; end line 3 with effective_to 2025-12-31",
    ),
    "a gap": broken(
        PARAMETERS,
        "in the last 90 days.,1990-01-01,\n",
        "in the last 90 days.,1990-01-01,2025-11-30\n"
        "activity,active_window_days,60,days,Retail Banking,Shorter.,2026-01-01,\n",
        "line 4, column effective_from: activity active_window_days has no row in force from 2025-12-01 to "
        "2025-12-31, after line 3; begin on 2025-12-01 or end that line later",
    ),
    "an overlap of rows of a kind of day": broken(
        LIMITS,
        "\nsurvey_responses,volume_min_ratio",
        "\ntransactions,volume_min_ratio,holiday,0.1,warn,Data Office,Quieter.,2025-01-01,2025-12-31"
        "\nsurvey_responses,volume_min_ratio",
        "line 12, column effective_from: transactions volume_min_ratio holiday warn has two rows "
        "in force from "
        "2025-01-01 to 2025-12-31, lines 11 and 12; end line 11 with effective_to 2024-12-31",
    ),
    "a check without a row for all": broken(
        LIMITS,
        "*,rejected_lines_allowed,",
        "points,rejected_lines_allowed,",
        "column check_name: no row for rejected_lines_allowed, entity *, days empty; add one",
    ),
    "a metric that nobody reads": broken(
        "release_limits.csv",
        "drift_max_gap_days,",
        "drift_max_gap,",
        "line 2, column metric: 'drift_max_gap' is not allowed; valid: drift_max_gap_days, "
        "drift_min_customers, "
        "psi_floor_share, customers_decrease_pct, tier_share_change_pp, tier_psi, segment_share_change_pp, "
        "segment_psi, survey_mean_change_nps, survey_mean_change_csat, survey_mean_change_ces, "
        "alert_history_days, alert_usual_minimum, alert_volume_ratio; did you mean drift_max_gap_days?",
    ),
    "a parameter that nobody reads": broken(
        PARAMETERS,
        "activity,active_window_days",
        "rfm,active_window_days",
        "column parameter: no row for activity / active_window_days, which the project reads; add one",
        "line 3, column parameter: rfm / active_window_days is not read; the YAML beside the file "
        "lists what is; active_window_days belongs to activity",
    ),
    "a parameter in another unit": broken(
        PARAMETERS,
        "lost_aum_amount,100,CNY",
        "lost_aum_amount,1,万元",
        "line 8, column unit: '万元' is not the unit of lifecycle / lost_aum_amount; write CNY",
    ),
    "a parameter that is no date": broken(
        PARAMETERS,
        "alerts_from,2025-01-01,",
        "alerts_from,2025年1月1日,",
        "line 30, column value: '2025年1月1日' is not a date; write 2025-01-01, in the unit date",
    ),
    "a time zone that does not exist": broken(
        PARAMETERS,
        "Asia/Shanghai",
        "Asia/Beijing",
        "line 31, column value: 'Asia/Beijing' is not a time zone of the IANA list, such as Asia/Shanghai, "
        "in the unit IANA name",
    ),
    "a schedule that is none": broken(
        PARAMETERS,
        "schedule,0 5 * * *",
        "schedule,0 25 * * *",
        "line 32, column value: '0 25 * * *' is not a cron schedule: minute, hour, day, month, day "
        "of the week, "
        "such as 0 5 * * *, in the unit cron, bank time",
    ),
    "a measure that nobody offers": broken(
        RULES,
        "vip_card_spend,card_spend_window_amount",
        "vip_card_spend,card_spend_window_amounts",
        "line 4, column measure: 'card_spend_window_amounts' is not allowed; valid: everybody, is_closed, "
        "is_aum_known, aum_month_average_amount, card_spend_window_amount, loan_month_average_amount, "
        "is_linked_to_gold, is_potential_profile, is_vip_elsewhere; did you mean card_spend_window_amount?",
    ),
    "a comparison that does not exist": broken(
        RULES,
        "aum_month_average_amount,>=,500000",
        "aum_month_average_amount,=>,500000",
        "line 3, column comparison: '=>' is not allowed; valid: >=, >, <=, <, =; did you mean >?",
    ),
    "a tier without a label": broken(
        RULES,
        "individual,2,vip,",
        "individual,2,platinum,",
        "line 3, column class: 'platinum' is not allowed; valid: vip, target, mass, negative, "
        "not_applicable, closed, insufficient_data",
    ),
    "a rank that is left out": broken(
        RULES,
        "individual,10,mass",
        "individual,11,mass",
        "line 11, column rule_rank: tier individual has no rank 10 in force from 1990-01-01 on; ranks are "
        "counted without a gap",
    ),
    "a rank given twice": broken(
        RULES,
        "individual,4,vip",
        "individual,3,vip",
        "line 5, column effective_from: '1990-01-01' for tier individual 3 is in line 4 as well; keep one",
        "line 5, column rule_rank: tier individual has no rank 4 in force from 1990-01-01 on; ranks are "
        "counted without a gap",
    ),
    "rules without an end": broken(
        RULES,
        "mass,mass,everybody,=,1",
        "mass,mass,is_aum_known,=,1",
        "line 11, column measure: the last rule of tier individual in force from 1990-01-01 on may fail to "
        "hold; end with a rule of everybody",
    ),
    "a rule behind the end": broken(
        RULES,
        "vip_loan,loan_month_average_amount,>=,1000000",
        "vip_loan,everybody,=,1",
        "line 5, column measure: everybody always holds, so no rule of tier individual after it is reached; "
        "give it the last rank",
    ),
    "two policies at a time": broken(
        RULES,
        "tier,individual_tiers,individual,4",
        "tier,second_bank,individual,4",
        "line 5, column policy: tier individual has two policies in force from 1990-01-01 on, "
        "individual_tiers and second_bank; end one of them",
    ),
    "a policy that ends with nothing after it": broken(
        RULES,
        "Corporate grades are not decided yet (D-20).,1990-01-01,",
        "Corporate grades are not decided yet (D-20).,1990-01-01,2026-06-30",
        "column rule_rank: no rule for tier corporate in force from 2026-07-01 on; add one with the measure "
        "everybody",
    ),
    "customers of whom no policy speaks": broken(
        RULES,
        "tier,corporate_tiers,corporate,1,not_applicable,not_applicable,everybody,=,1,Corporate Banking,"
        "Corporate grades are not decided yet (D-20).,1990-01-01,\n",
        "",
        "column customer_type: no row for corporate, classification tier; add one",
    ),
    "a pattern that does not compile": broken(
        PATTERNS,
        "(?:^|[^0-9A-Za-z.])1[3-9]",
        "(?:^|[^0-9A-Za-z.]1[3-9]",
        "line 3, column pattern: "
        "'(?:^|[^0-9A-Za-z.]1[3-9][0-9]{9}(?:$|[^0-9A-Za-z.]|\\\\.(?:$|[^0-9]))' is not a "
        "regular expression of RE2: missing ): "
        "(?:^|[^0-9A-Za-z.]1[3-9][0-9]{9}(?:$|[^0-9A-Za-z.]|\\.(?:$|[^0-9]))",
    ),
    "a pattern of another dialect": broken(
        PATTERNS,
        "(?:^|[^0-9A-Za-z.])1[3-9]",
        "(?<!x)1[3-9]",
        "line 3, column pattern: '(?<!x)1[3-9][0-9]{9}(?:$|[^0-9A-Za-z.]|\\\\.(?:$|[^0-9]))' is "
        "not a regular "
        "expression of RE2: invalid perl operator: (?<",
    ),
    "a term that could never match": broken(
        "forbidden_columns.csv",
        "face image,",
        "Face_image,",
        "line 19, column term: 'Face_image' does not have the form [^A-Z_-]+",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_with_place_value_and_remedy(folder: Path, name: str) -> None:
    case = BROKEN[name]
    file = at(folder, case.file)
    text = file.read_text(encoding="utf-8")
    assert case.old in text
    file.write_text(text.replace(case.old, case.new, 1), encoding="utf-8", newline="")
    with pytest.raises(policy.PolicyError) as error:
        policy.check(folder)
    assert error.value.problems == tuple(
        f"{file}{' ' if message.startswith('line') else ', '}{message}" for message in case.messages
    )


BYTES: dict[str, tuple[Callable[[str], bytes], str]] = {
    "GB18030": (
        lambda text: text.encode("gb18030"),
        "labels.csv line 2: is not UTF-8 but looks like GBK or GB18030; save the file as UTF-8",
    ),
    "UTF-16": (
        lambda text: text.encode("utf-16"),
        "labels.csv line 1: is not UTF-8 but UTF-16; save the file as UTF-8",
    ),
    "UTF-16 without a mark": (
        lambda text: text[:50].encode("utf-16-le"),
        "labels.csv line 1: holds a zero byte; save the file as CSV in UTF-8",
    ),
    "a broken character": (
        lambda text: text.encode().replace("对公".encode(), b"\xe5\xaf\xff", 1),
        "labels.csv line 3: is not UTF-8; save the file as UTF-8",
    ),
    "two kinds of line ends": (
        lambda text: text.replace("\n", "\r\n", 3).encode(),
        "labels.csv line 4: ends unlike the lines before; use one kind of line end in a file",
    ),
    "line ends of old": (
        lambda text: text.replace("\n", "\r").encode(),
        "labels.csv line 1: holds a carriage return without a line feed; save the file as CSV in UTF-8",
    ),
    "nothing": (
        lambda text: b"",
        "labels.csv line 1, column vocabulary: is missing in the header",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_a_file_that_cannot_be_read_is_told_as_well(folder: Path, name: str) -> None:
    spoil, message = BYTES[name]
    file = at(folder, "labels.csv")
    file.write_bytes(spoil(file.read_text(encoding="utf-8")))
    with pytest.raises(policy.PolicyError) as error:
        policy.check(folder)
    assert error.value.problems[0].startswith(f"{file.parent}/{message}")


def test_all_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    for name in ("a Chinese comma in a number", "no owner", "a row twice"):
        file = at(folder, BROKEN[name].file)
        text = file.read_text(encoding="utf-8")
        # Two changes meet in the row of transactions.
        old = "Data Office,Even" if name == "no owner" else BROKEN[name].old
        new = ",Even" if name == "no owner" else BROKEN[name].new
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(policy.PolicyError) as error:
        policy.check(folder)
    assert [problem.partition(":")[0].removeprefix(f"{folder}/") for problem in error.value.problems] == [
        "alerts/alert_rule_parameters.csv line 17, column effective_from",
        "deliveries/delivery_limits.csv line 9, column limit_value",
        "deliveries/delivery_limits.csv line 9, column owner",
    ]
    assert str(error.value) == "\n".join(error.value.problems)


def test_a_file_that_nobody_declared_is_an_error(folder: Path) -> None:
    (folder / "labels (1).csv").write_text("a,b\n", encoding="utf-8")
    at(folder, "alert_rule_parameters.csv").unlink()
    with pytest.raises(policy.PolicyError) as error:
        policy.check(folder)
    assert error.value.problems == (
        f"{folder}/alert_rule_parameters.csv: is missing, but declared in the YAML beside it",
        f"{folder}/labels (1).csv: the YAML beside it declares no seed labels (1); declare it",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "is_active: boolean",
            "is_active: bool",
            "column is_active has the type bool; valid: varchar, integer",
        ),
        ("optional: [colour,", "optional: [color,", "seed labels: column color has no type in column_types"),
        ("{minimum: 1}", "{minimun: 1}", "meta of rule_rank knows no minimun; valid: format, minimum"),
        (
            "{every_year: date}",
            "{every_years: date}",
            "seed holidays: meta knows no every_years; valid: every,",
        ),
        ("columns: [date]", "columns: []", "has no test unique_combination; it says what a row is about"),
        ("seeds:", "seeds: [", "cannot be read as dbt YAML of seeds"),
    ],
)
def test_a_broken_declaration_is_told(folder: Path, old: str, new: str, message: str) -> None:
    file = folder / "policy.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(policy.PolicyError) as error:
        policy.check(folder)
    assert f"{file}" in str(error.value)
    assert message in str(error.value)


def test_the_shipped_policy_holds() -> None:
    policy.check()
    assert set(policy.check()) == set(declared(policy.POLICY))


def test_a_message_names_the_file_as_it_lies_in_the_checkout(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clientele.policy.problems.ROOT", folder.parent)
    at(folder, "alert_rule_parameters.csv").unlink()
    with pytest.raises(policy.PolicyError, match=r"^policy/alert_rule_parameters\.csv: is missing"):
        policy.check(folder)


def test_a_change_is_seen_by_the_process_that_read_the_file_before(folder: Path) -> None:
    day = date(2026, 1, 1)
    assert policy.parameter("activity", "active_window_days", day, folder) == "90"
    file = folder / PARAMETERS
    file.write_text(file.read_text(encoding="utf-8").replace("days,90,", "days,120,"), encoding="utf-8")
    assert policy.parameter("activity", "active_window_days", day, folder) == "120"
    with pytest.raises(policy.PolicyError, match="no row for activity / active_window_days in force on 1989"):
        policy.parameter("activity", "active_window_days", date(1989, 12, 31), folder)


@pytest.mark.parametrize("name", sorted(set(declared(policy.POLICY)) - {"holidays"}))
def test_rows_that_hold_for_a_time_are_read_for_a_day_only(name: str) -> None:
    with pytest.raises(ValueError, match="ask for the rows of a day"):
        policy.rows(name)
    first_day = date(1990, 1, 1)
    assert len(policy.dated(name).on(first_day)) == len(policy.in_force(name, first_day))
    assert policy.in_force(name, first_day - timedelta(days=1)) == []


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "parameter": (
        PARAMETERS,
        lambda folder: policy.parameter("refresh", "schedule", date(2026, 1, 1), folder),
    ),
    "limits": (LIMITS, delivery_limits),
    "holidays": ("holidays.csv", delivery_limits),
    "terms": ("forbidden_columns.csv", ForbiddenTerms),
    "total words": ("total_words.csv", TotalWords),
}


@pytest.mark.parametrize("name", READERS)
def test_no_reader_uses_a_file_that_is_broken(folder: Path, name: str) -> None:
    file, use = READERS[name]
    use(folder)
    with at(folder, file).open("a", encoding="utf-8") as stream:
        stream.write("x\n")
    with pytest.raises(policy.PolicyError, match="has 1 fields instead of"):
        use(folder)


def test_the_command_says_what_holds_and_what_does_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main() == 0
    files = list(policy.csv_files().values())
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) - 1 for file in files)
    assert capsys.readouterr().out == f"policy is valid: {len(files)} files, {lines} rows\n"
    at(folder, "alert_rule_parameters.csv").unlink()
    monkeypatch.setattr(policy, "check", partial(policy.check, folder))
    assert check.main() == 1
    assert capsys.readouterr().err.startswith("error: policy has 1 problem\n/")


def test_the_command_needs_neither_dagster_nor_dbt() -> None:
    slow = "{'dagster', 'dbt', 'great_expectations', 'pyarrow'}"
    code = f"import sys, orchestration.check; print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


ODDITIES: dict[str, Callable[[str], bytes]] = {
    "as shipped": str.encode,
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "Windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "as Excel saves it": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "no end of the last line": lambda text: text.removesuffix("\n").encode(),
    "empty lines at the end": lambda text: (text + "\n\n").encode(),
    "quotes that are not needed": lambda text: _quoted(text).encode(),
}


def _quoted(text: str) -> str:
    lines = csv.reader(text.splitlines())
    return "".join(
        ",".join('"' + field.replace('"', '""') + '"' if field else "" for field in line) + "\n"
        for line in lines
    )


@pytest.mark.parametrize("name", sorted(declared(policy.POLICY)))
@pytest.mark.parametrize("oddity", ODDITIES)
def test_dbt_reads_what_is_tolerated_with_the_same_values(folder: Path, oddity: str, name: str) -> None:
    file = at(folder, f"{name}.csv")
    file.write_bytes(ODDITIES[oddity](file.read_text(encoding="utf-8")))
    shipped = read()[name]
    assert read(folder)[name] == shipped
    columns = declared(folder)[name].columns
    # dbt takes the names of the columns from agate and has DuckDB copy the file: seed.sql of dbt-duckdb.
    table = agate_helper.from_csv(file, [column.name for column in columns])
    assert table.column_names == tuple(column.name for column in columns)
    with duckdb.connect() as connection:
        types = ", ".join(f'"{column.name}" {column.type}' for column in columns)
        connection.execute(f"create table seed ({types})")
        connection.execute(f"copy seed from '{file}' (format csv, header true, delimiter ',')")
        copied = connection.execute("from seed").fetchall()
    assert sorted(map(repr, copied)) == sorted(repr(_as_stored(row, name)) for row in shipped)


def _as_stored(row: Mapping[str, object], name: str) -> tuple[object, ...]:
    """A row as DuckDB returns it: decimals with all their places."""
    scales = {
        column.name: column.type.partition(",")[2].rstrip(")")
        for column in declared(policy.POLICY)[name].columns
    }
    return tuple(
        value.quantize(Decimal(1).scaleb(-int(scales[column]))) if isinstance(value, Decimal) else value
        for column, value in row.items()
    )


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0 5 * * *", True),
        ("*/15 0-6 1,15 1-12/3 7", True),
        ("0 5 * *", False),
        ("60 5 * * *", False),
        ("0 5 0 * *", False),
        ("0 7-5 * * *", False),
        ("0 5/2 * * *", False),
        ("*/0 5 * * *", False),
        ("0 5 * * * *", False),
        ("０ 5 * * *", False),
        ("@daily", False),
    ],
)
def test_a_schedule_is_one_that_dagster_reads(text: str, is_one: bool) -> None:
    if is_one:
        assert value_of(text, "cron") == text
        assert is_valid_cron_schedule(text)
    else:
        with pytest.raises(WrongValueError, match="is not a cron schedule"):
            value_of(text, "cron")
