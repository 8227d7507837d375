"""Where the columns of a contract are in the lines below a header."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The order in which a header puts the columns.

    Attributes:
        width: Fields in a line.
        positions: For each contract column its position in a line; None where it is missing.
        names: The names of the header in lower case; fewer than ``width`` where lines end in empty fields.
        extra: Delivered columns that the contract does not know, as written.
        missing: Optional contract columns that were not delivered.
    """

    width: int
    positions: tuple[int | None, ...]
    names: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def used(self) -> list[int]:
        """The positions that are read, in the order of the contract."""
        return [position for position in self.positions if position is not None]
