"""The calls that an answer leads to, as the schema tells them."""

from web.contract.descriptions import Link

_MARKET = {"market_id": "$response.body#/id"}
_FIRST = "$response.body#/outcomes/0/id"
_BET = {"bet_id": "5f1c0a52-7c7b-4f0e-9d53-0a4b8f0f6a10", "outcome": _FIRST, "stake": 10}
OF_A_NEW_MARKET = (
    Link(to="markets_bets_post", path=_MARKET, body=_BET),
    Link(to="markets_lock_post", path=_MARKET),
    Link(to="markets_settle_post", path=_MARKET, body={"winners": [_FIRST]}),
)
