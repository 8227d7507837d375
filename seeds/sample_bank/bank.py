"""The bank on the evening before its first day, and what is already certain by then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import number_of
from seeds.sample_bank.basics.rows import Rows, stack
from seeds.sample_bank.customers.accounts import Accounts, accounts_of
from seeds.sample_bank.customers.catalogue import Branches, Employees, branches_of, employees_of
from seeds.sample_bank.customers.people import People, people_of
from seeds.sample_bank.customers.stories import Stories, plant_stories
from seeds.sample_bank.money.planned import planned_rows
from seeds.sample_bank.money.returns import Returns, early_withdrawals


@dataclass
class Bank:
    """Everything that is drawn before the first day; balances and targets move on with the months.

    Attributes:
        arguments: What was asked for.
        branches, people, employees, accounts: Who and what there is.
        stories: The planted stories.
        planned: Transactions that are certain, by posting day.
        returns: Products given back so far.
    """

    arguments: Arguments
    branches: Branches
    people: People
    employees: Employees
    accounts: Accounts
    stories: Stories
    planned: Rows
    returns: list[Returns]

    @property
    def first(self) -> int:
        """First business date, a day number."""
        return number_of(self.arguments.first)

    @property
    def last(self) -> int:
        """Last business date, a day number."""
        return number_of(self.arguments.last)


def draw(arguments: Arguments) -> Bank:
    """Draw a bank; equal arguments give an equal bank."""
    branches = branches_of(arguments)
    people = people_of(arguments, branches)
    stories = plant_stories(arguments, people, branches)
    managed = np.bincount(people.branch[people.is_managed], minlength=len(branches))
    employees = employees_of(arguments, managed)
    accounts, openings = accounts_of(arguments, people, stories)
    withdrawn, returned = early_withdrawals(arguments, people, accounts)
    planned = stack([openings, withdrawn, planned_rows(arguments, people, accounts, stories)])
    planned = planned.take(np.argsort(planned.day, kind="stable"))
    return Bank(arguments, branches, people, employees, accounts, stories, planned, [returned])
