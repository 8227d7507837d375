"""What every delivery must look like."""

from clientele.contracts.contract_reader import CONTRACTS, contract_files, load_contracts, load_order
from clientele.contracts.model import Column, Contract, ContractError, RowRule

__all__ = [
    "CONTRACTS",
    "Column",
    "Contract",
    "ContractError",
    "RowRule",
    "contract_files",
    "load_contracts",
    "load_order",
]
