/* What a position would bring back. Whole numbers of any size, floored as rule 9 does. */

/** Coins back if `outcome` won alone, with `mine` on it and `more` just added to it; null where a
    blind question hides it. */
export function backIf(market, outcome, mine, more = 0) {
  if (market.coins === null) return null;
  const all = BigInt(market.coins) + BigInt(more);
  const side = BigInt(outcome.coins) + BigInt(more);
  if (side === 0n) return 0;
  const wanted = (all * BigInt(market.takeout_bp)) / 10000n;
  const takeout = wanted < all - side ? wanted : all - side;
  return Number(((BigInt(mine) + BigInt(more)) * (all - takeout)) / side);
}

/** Only one outcome has coins: at the lock everybody would be refunded. */
export function isOneSided(market) {
  return market.coins > 0 && market.outcomes.filter(({ coins }) => coins > 0).length === 1;
}
