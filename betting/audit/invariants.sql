-- 1. The seqs of a club run from 1 without a hole.
SELECT club_id, MIN(seq) AS first_seq, MAX(seq) AS last_seq, COUNT(*) AS entries
FROM betting_ledgerentry GROUP BY club_id HAVING MIN(seq) <> 1 OR MAX(seq) <> COUNT(*)

-- 2. The watermark stands at the last entry.
SELECT w.club_id, w.epoch, w.seq, e.seq AS entry FROM betting_watermark w
LEFT JOIN (SELECT club_id, MAX(seq) AS last_seq FROM betting_ledgerentry GROUP BY club_id) l
  ON l.club_id = w.club_id
LEFT JOIN betting_ledgerentry e ON e.club_id = w.club_id AND e.seq = l.last_seq
WHERE w.seq <> COALESCE(e.seq, 0) OR w.chain <> COALESCE(e.chain, '') OR w.epoch < e.epoch

-- 3. Epochs and times never go back from entry to entry.
SELECT a.club_id, a.seq, a.epoch, a.at_ms FROM betting_ledgerentry a
JOIN betting_ledgerentry b ON b.club_id = a.club_id AND b.seq = a.seq - 1
WHERE a.epoch < b.epoch OR a.at_ms < b.at_ms

-- 4. A wallet after each of its entries is the wallet before it and the coins moved.
SELECT club_id, seq, wallet_before, coins, wallet_after FROM (
  SELECT club_id, seq, coins, wallet_after, credit,
    COALESCE(LAG(wallet_after) OVER (PARTITION BY club_id, user_id ORDER BY seq), 0)
      AS wallet_before
  FROM betting_ledgerentry WHERE 'wallet' IN (debit, credit)) w
WHERE wallet_after IS NULL OR wallet_after < 0
  OR wallet_after <> wallet_before + CASE credit WHEN 'wallet' THEN coins ELSE -coins END

-- 5. A position after each bet is all that was staked on it so far.
SELECT club_id, seq, staked, position_after FROM (
  SELECT club_id, seq, position_after, SUM(coins) OVER
    (PARTITION BY market_id, user_id, outcome_id ORDER BY seq) AS staked
  FROM betting_ledgerentry WHERE kind = 'bet') p
WHERE position_after IS NULL OR position_after <> staked

-- 6. What SQL shows of a wallet is the wallet after its last entry.
SELECT COALESCE(w.club_id, l.club_id) AS club_id, COALESCE(w.user_id, l.user_id) AS user_id,
  w.coins, e.wallet_after
FROM (SELECT club_id, user_id, MAX(seq) AS last_seq FROM betting_ledgerentry
  WHERE 'wallet' IN (debit, credit) GROUP BY club_id, user_id) l
JOIN betting_ledgerentry e ON e.club_id = l.club_id AND e.seq = l.last_seq
LEFT JOIN betting_wallet w ON w.club_id = l.club_id AND w.user_id = l.user_id
WHERE w.coins IS NULL OR w.coins <> e.wallet_after

-- 7. What SQL shows of a position is the sum of its bets.
SELECT b.market_id, b.user_id, b.outcome_id, b.staked, p.coins
FROM (SELECT market_id, user_id, outcome_id, SUM(coins) AS staked
  FROM betting_ledgerentry WHERE kind = 'bet' GROUP BY market_id, user_id, outcome_id) b
LEFT JOIN betting_position p ON p.market_id = b.market_id AND p.user_id = b.user_id
  AND p.outcome_id = b.outcome_id
WHERE p.coins IS NULL OR p.coins <> b.staked

-- 8. No wallet and no position is shown without an entry.
SELECT 'wallet' AS what, w.club_id AS place, w.user_id FROM betting_wallet w
WHERE w.coins <> 0 AND NOT EXISTS (SELECT 1 FROM betting_ledgerentry e
  WHERE e.club_id = w.club_id AND e.user_id = w.user_id AND 'wallet' IN (e.debit, e.credit))
UNION ALL
SELECT 'position', p.market_id, p.user_id FROM betting_position p
WHERE NOT EXISTS (SELECT 1 FROM betting_ledgerentry e WHERE e.kind = 'bet'
  AND e.market_id = p.market_id AND e.user_id = p.user_id AND e.outcome_id = p.outcome_id)

-- 9. Coins issued less coins burned are in wallets, in undecided or unpaid markets, or the house's.
SELECT e.club_id, e.issued, COALESCE(w.coins, 0) AS in_wallets, e.in_pools, e.house
FROM (SELECT club_id,
    SUM(CASE kind WHEN 'grant' THEN coins WHEN 'burn' THEN -coins ELSE 0 END) AS issued,
    SUM(CASE WHEN kind = 'bet' THEN coins WHEN 'market' = debit THEN -coins ELSE 0 END)
      AS in_pools,
    SUM(CASE kind WHEN 'takeout' THEN coins ELSE 0 END) AS house
  FROM betting_ledgerentry GROUP BY club_id) e
LEFT JOIN (SELECT club_id, SUM(coins) AS coins FROM betting_wallet GROUP BY club_id) w
  ON w.club_id = e.club_id
WHERE e.issued <> COALESCE(w.coins, 0) + e.in_pools + e.house

-- 10. A bet id stands once for a user and market, the command of a grant or burn once for a club.
SELECT club_id, kind, user_id, market_id, command, COUNT(*) AS times FROM betting_ledgerentry
WHERE kind = 'bet' GROUP BY club_id, kind, user_id, market_id, command HAVING COUNT(*) > 1
UNION ALL
SELECT club_id, 'grant or burn', 0, 0, command, COUNT(*) FROM betting_ledgerentry
WHERE kind IN ('grant', 'burn') GROUP BY club_id, command HAVING COUNT(*) > 1

-- 11. A market is opened, locked, decided and paid once at most.
SELECT market_id, step, COUNT(*) AS times FROM (SELECT market_id,
    CASE kind WHEN 'void' THEN 'settle' ELSE kind END AS step FROM betting_ledgerentry
  WHERE kind IN ('open', 'lock', 'settle', 'void', 'done')) s
GROUP BY market_id, step HAVING COUNT(*) > 1

-- 12. A market's entries stand in order: open, bets, lock, decision, payments, done.
SELECT market_id, opened, first_bet, last_bet, locked, decided, first_paid, last_paid, done FROM (
  SELECT market_id,
    MIN(CASE WHEN kind = 'open' THEN seq END) AS opened,
    MIN(CASE WHEN kind = 'bet' THEN seq END) AS first_bet,
    MAX(CASE WHEN kind = 'bet' THEN seq END) AS last_bet,
    MIN(CASE WHEN kind = 'lock' THEN seq END) AS locked,
    MIN(CASE WHEN kind IN ('settle', 'void') THEN seq END) AS decided,
    MIN(CASE WHEN debit = 'market' THEN seq END) AS first_paid,
    MAX(CASE WHEN debit = 'market' THEN seq END) AS last_paid,
    MIN(CASE WHEN kind = 'done' THEN seq END) AS done
  FROM betting_ledgerentry
  WHERE market_id IS NOT NULL AND kind NOT IN ('grant', 'burn') GROUP BY market_id) m
WHERE opened IS NULL OR first_bet < opened OR last_bet > COALESCE(locked, decided, last_bet)
  OR locked > decided OR last_bet > decided
  OR (first_paid IS NOT NULL AND (decided IS NULL OR first_paid < decided))
  OR (done IS NOT NULL AND (decided IS NULL OR done < decided OR done < last_paid))

-- 13. No bet was accepted at or after the deadline of its market, or only by the kept time of a clock that was ahead.
SELECT e.market_id, e.seq, e.at_ms, m.closes_at_ms FROM (SELECT kind, market_id, seq, at_ms,
    LAG(at_ms) OVER (PARTITION BY club_id ORDER BY seq) AS before_ms
  FROM betting_ledgerentry) e
JOIN betting_market m ON m.id = e.market_id
WHERE e.kind = 'bet' AND e.at_ms >= m.closes_at_ms
  AND (e.before_ms IS NULL OR e.at_ms > e.before_ms)

-- 14. A market never pays more than was staked on it, and once it is done every coin has left it.
SELECT market_id, staked, paid, done FROM (SELECT market_id,
    SUM(CASE WHEN credit = 'market' THEN coins ELSE 0 END) AS staked,
    SUM(CASE WHEN debit = 'market' THEN coins ELSE 0 END) AS paid,
    SUM(CASE WHEN kind = 'done' THEN 1 ELSE 0 END) AS done
  FROM betting_ledgerentry WHERE market_id IS NOT NULL GROUP BY market_id) m
WHERE paid > staked OR (done > 0 AND paid <> staked)

-- 15. Nobody is paid twice for one position, or without one.
SELECT e.market_id, e.user_id, e.outcome_id, e.kind, COUNT(*) AS times FROM betting_ledgerentry e
LEFT JOIN betting_position p ON p.market_id = e.market_id AND p.user_id = e.user_id
  AND p.outcome_id = e.outcome_id
WHERE e.kind IN ('payout', 'refund')
GROUP BY e.market_id, e.user_id, e.outcome_id, e.kind, e.command
HAVING COUNT(*) > 1 OR COUNT(p.id) = 0

-- 16. Only named winners get a payout.
SELECT e.market_id, e.seq, e.user_id, e.coins, o.won FROM betting_ledgerentry e
LEFT JOIN betting_outcome o ON o.id = e.outcome_id
WHERE e.kind = 'payout' AND (o.won IS NULL OR NOT o.won)

-- 17. The takeout of a market is within its rate.
SELECT m.id AS market_id, m.takeout_bp, t.takeout, t.staked FROM betting_market m
JOIN (SELECT market_id, SUM(CASE kind WHEN 'takeout' THEN coins ELSE 0 END) AS takeout,
    SUM(CASE kind WHEN 'bet' THEN coins ELSE 0 END) AS staked
  FROM betting_ledgerentry WHERE market_id IS NOT NULL GROUP BY market_id) t
  ON t.market_id = m.id
WHERE t.takeout * 10000 > t.staked * m.takeout_bp

-- 18. What SQL shows of a market's coins, bettors and status is what its entries say.
SELECT m.id AS market_id, m.coins, t.staked, m.bettors, t.people, m.status, t.done
FROM betting_market m
JOIN (SELECT market_id, SUM(CASE kind WHEN 'bet' THEN coins ELSE 0 END) AS staked,
    COUNT(DISTINCT CASE kind WHEN 'bet' THEN user_id END) AS people,
    SUM(CASE kind WHEN 'done' THEN 1 ELSE 0 END) AS done
  FROM betting_ledgerentry WHERE market_id IS NOT NULL GROUP BY market_id) t
  ON t.market_id = m.id
WHERE m.coins <> t.staked OR m.bettors <> t.people
  OR (t.done > 0) <> (m.status IN ('settled', 'void'))
