"""Master data as delivered: customers with their changes over time, and accounts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import NEVER, Array, as_dates, day_of, months, number_of
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.basics.rows import NOTHING
from seeds.sample_bank.basics.words import (
    CITIES,
    COMPANY_NAMES,
    DISTRICTS,
    GIVEN,
    INDUSTRIES,
    OCCUPATIONS,
    STREETS,
    SURNAMES,
)
from seeds.sample_bank.customers.accounts import CURRENCIES, Accounts
from seeds.sample_bank.customers.catalogue import PRODUCT_IDS, Branches, Employees
from seeds.sample_bank.customers.people import NO_ONE, People
from seeds.sample_bank.writing.files import coded

CUSTOMER_ID = "'C' || (100000000 + {})"
ACCOUNT_ID = "'A' || (1000000000 + {})"
BRANCH_ID = "'B' || (1000 + {})"
EMPLOYEE_ID = "'E' || (100000 + {})"

CUSTOMERS = {
    "customer_id": CUSTOMER_ID.format("customer"),
    "customer_type": "case when is_corporate then 'corporate' else 'individual' end",
    "opened_on": "opened",
    "closed_on": "closed",
    "customer_name": "case when is_corporate then concat(city, company, industry, '有限公司') "
    "else concat(surname, given, second_given) end",
    "identity_number": "concat(identity, check_digit)",
    "phone": "'12' || lpad(phone::varchar, 9, '0')",
    "address": "quoted(concat(city, '市', district, '区', street, house, '号'))",
    "birth_date": "birth",
    "branch_id": BRANCH_ID.format("branch"),
    "manager_id": EMPLOYEE_ID.format("manager"),
    "income_band": "income_band",
    "occupation_code": "occupation",
    "industry_code": "industry_code",
    "is_vip_elsewhere": "is_vip_elsewhere",
    "is_head_office_client": "is_head_office_client",
    "linked_corporate_id": CUSTOMER_ID.format("linked_corporate"),
    "corporate_role": "role",
}
ACCOUNTS = {
    "account_id": ACCOUNT_ID.format("account"),
    "customer_id": CUSTOMER_ID.format("customer"),
    "product_id": "product",
    "account_number": "'9990' || lpad((account * 7919 + 104729)::varchar, 15, '0')",
    "currency": "currency",
    "opened_on": "opened",
    "closed_on": "closed",
}

_CHANGES_PER_MONTH = 0.004
_INCOME_BANDS = ("low", "middle", "high", "very_high")
_INCOME_CUTS = (5_000, 12_000, 30_000)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_LICENCE_CHECKS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def customer_rows(
    arguments: Arguments, people: People, branches: Branches, employees: Employees
) -> tuple[Array, Mapping[str, Array | pa.Array]]:
    """Days and columns of every delivered version of every customer, in order of delivery."""
    who, day, phone_version, manager_version = _versions(arguments, people)
    rng = stream(arguments.seed, "profiles")
    count, corporate = len(people), people.is_corporate
    letters = {
        name: rng.integers(0, limit, count)
        for name, limit in (
            ("surname", len(SURNAMES)),
            ("given", len(GIVEN)),
            ("second", int(1.4 * len(GIVEN))),
            ("company", len(COMPANY_NAMES)),
            ("industry", len(INDUSTRIES)),
            ("occupation", len(OCCUPATIONS)),
            ("district", len(DISTRICTS)),
            ("street", len(STREETS)),
            ("house", 400),
        )
    }
    identity, check = _identities(people)
    manager = (
        employees.first_manager[people.branch[who]]
        + (who + manager_version) % employees.managers[people.branch[who]]
    )
    linked = people.linked_corporate[who]
    individual = ~corporate[who]
    second = np.where(letters["second"] < len(GIVEN), letters["second"], NOTHING)
    band = np.searchsorted(_INCOME_CUTS, people.turnover[who])
    role = np.where(linked == NO_ONE, NOTHING, np.where(people.is_principal[who], 0, 1))
    names = {
        "city": coded(people.branch[who] // 7, CITIES),
        "surname": coded(letters["surname"][who], SURNAMES),
        "given": coded(letters["given"][who], GIVEN),
        "second_given": coded(second[who], GIVEN),
        "company": coded(letters["company"][who], COMPANY_NAMES),
        "industry": coded(letters["industry"][who], [name for _, name in INDUSTRIES]),
        "industry_code": coded(
            np.where(individual, NOTHING, letters["industry"][who]), [code for code, _ in INDUSTRIES]
        ),
        "occupation": coded(np.where(individual, letters["occupation"][who], NOTHING), OCCUPATIONS),
        "district": coded(letters["district"][who], DISTRICTS),
        "street": coded(letters["street"][who], STREETS),
        "income_band": coded(np.where(individual, band, NOTHING), _INCOME_BANDS),
        "role": coded(role, ["principal", "chief_financial_officer"]),
    }
    columns = {
        "customer": who,
        "is_corporate": corporate[who],
        "opened": as_dates(people.opened[who]),
        "closed": as_dates(np.where(people.closed[who] <= day, people.closed[who], NEVER)),
        "identity": identity[who],
        "check_digit": check[who],
        "phone": (who * 1_000 + phone_version * 7 + 13) % 10**9,
        "house": letters["house"][who] + 1,
        "birth": as_dates(np.where(individual, people.birth[who], NEVER)),
        "branch": people.branch[who],
        "manager": pa.array(manager, mask=~people.is_managed[who]),
        "is_vip_elsewhere": pa.array(people.is_vip_elsewhere[who], mask=~individual),
        "is_head_office_client": pa.array(people.is_head_office_client[who], mask=individual),
        "linked_corporate": pa.array(linked, mask=linked == NO_ONE),
        **names,
    }
    return day, columns


def _versions(arguments: Arguments, people: People) -> tuple[Array, Array, Array, Array]:
    """Customer, day, and how often phone and manager have changed, for each delivered version."""
    first, last = number_of(arguments.first), number_of(arguments.last)
    everyone = np.arange(len(people))
    phone, manager = np.zeros(len(people), dtype=np.int64), np.zeros(len(people), dtype=np.int64)
    parts = [(everyone, np.maximum(people.opened, first), phone.copy(), manager.copy())]
    for month in months(arguments.first, arguments.last):
        rng = stream(arguments.seed, "changes", month.index)
        day = rng.integers(month.first, month.last + 1, len(people))
        changes = (rng.random(len(people)) < _CHANGES_PER_MONTH) & (people.story == 0)
        changes &= (day > np.maximum(people.opened, first)) & (day < people.closed)
        moves = rng.random(len(people)) < 0.5
        phone += changes & moves
        manager += changes & ~moves
        chosen = np.flatnonzero(changes)
        parts.append((chosen, day[chosen], phone[chosen], manager[chosen]))
    closing = np.flatnonzero(people.closed <= last)
    parts.append((closing, people.closed[closing], phone[closing], manager[closing]))
    who, day, phone, manager = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((who, day))
    return who[order], day[order], phone[order], manager[order]


def _identities(people: People) -> tuple[Array, Array]:
    """Well-formed numbers of regions that do not exist (999xxx), with their check digits."""
    count = len(people)
    serial = np.arange(count)
    dates = people.birth.astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    born = year * 10_000 + month * 100 + day
    region = 999_000 + serial // 1_000 % 1_000
    person = (region * 10**8 + born) * 1_000 + serial % 1_000
    licence = 91_999 * 10**12 + serial * 1_009 + 7
    number = np.where(people.is_corporate, licence, person)
    digits = [number // 10 ** (16 - place) % 10 for place in range(17)]
    person_sum = np.sum([weight * digit for weight, digit in zip(_ID_WEIGHTS, digits, strict=True)], axis=0)
    licence_sum = np.sum([3**place % 31 * digit for place, digit in enumerate(digits)], axis=0)
    person_check = np.array(list(_ID_CHECKS))[person_sum % 11]
    licence_check = np.array(list(_LICENCE_CHECKS))[(31 - licence_sum % 31) % 31]
    return number, np.where(people.is_corporate, licence_check, person_check)


def account_rows(arguments: Arguments, accounts: Accounts) -> tuple[Array, Mapping[str, Array | pa.Array]]:
    """Days and columns of every account when it is opened and when it is closed, in order of delivery."""
    first, last = number_of(arguments.first), number_of(arguments.last)
    closing = np.flatnonzero(accounts.closed <= last)
    which = np.concatenate([np.arange(len(accounts)), closing])
    day = np.concatenate([np.maximum(accounts.opened, first), accounts.closed[closing]])
    order = np.lexsort((which, day))
    which, day = which[order], day[order]
    return day, {
        "account": which,
        "customer": accounts.customer[which],
        "product": coded(accounts.product[which], PRODUCT_IDS),
        "currency": coded(accounts.currency[which], CURRENCIES),
        "opened": as_dates(accounts.opened[which]),
        "closed": as_dates(np.where(accounts.closed[which] <= day, accounts.closed[which], NEVER)),
    }


def wave_names(kind: Array, wave: Array) -> tuple[Array, list[str]]:
    """Codes and names of survey waves: 2025Q1 for quarters, 2025-03 for months."""
    keys, codes = np.unique(wave * 2 + kind, return_inverse=True)
    names = []
    for key in keys.tolist():
        date = day_of(key // 2)
        names.append(f"{date:%Y-%m}" if key % 2 else f"{date.year}Q{(date.month + 2) // 3}")
    return codes, names
