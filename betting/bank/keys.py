"""The keys of the bank, spelled here and nowhere else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a club; one hash tag, so that all of them live in one slot."""

    club_id: int

    @property
    def tag(self) -> str:
        return f"{{c{self.club_id}}}"

    @property
    def head(self) -> str:
        return f"{self.tag}:head"

    @property
    def wallets(self) -> str:
        return f"{self.tag}:wallets"

    @property
    def journal(self) -> str:
        return f"{self.tag}:journal"

    @property
    def grants(self) -> str:
        return f"{self.tag}:grants"

    @property
    def refills(self) -> str:
        return f"{self.tag}:refills"

    def market(self, market_id: int) -> str:
        return f"{self.tag}:m:{market_id}"

    def positions(self, market_id: int) -> str:
        return f"{self.tag}:m:{market_id}:positions"

    def bets(self, market_id: int) -> str:
        return f"{self.tag}:m:{market_id}:bets"
