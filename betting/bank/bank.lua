#!lua name=ringside_v1
-- The bank: every coin of a club moves here, or not at all.
--
-- Each function checks everything, then writes, the journal first; nothing that can fail stands
-- between two writes. Amounts come and go as digit strings. Every answer begins with a word
-- ("done", "refused" or "unavailable") and the bank's time in ms.
--
-- The name of the library and of each function carries a version: a released function never
-- changes its meaning, and a running bank is never loaded anew.

local COINS_MAX = 9000000000000000
local STAKE_MAX = 1000000000000
local BETS_MAX, ITEMS_MAX = 32, 50
-- A result may be named, and then changed three times.
local NAMINGS_MAX = 4
local REFILLS_KEPT, DAY_MS = 20, 86400000

-- Whether the call under way judges deadlines by the clock, however far the last entry is ahead of
-- it; earlier versions judge by that entry's time then.
local judges_by_clock = false

-- Shut after every start, restart, failover and load, until operations/gate.py has checked it.
local gate_is_open = false
-- Why it was shut while it was open, or ''.
local shut_reason = ''
-- Tickets of those who look at the bank now, the latest last. They end with this process.
local TICKETS_MAX, tickets = 16, {}

-- ---- Figures

-- Exact up to 2^53, below which every figure stays.
local function text(number)
  return string.format('%d', number)
end

-- The number a digit string stands for, or nil: no sign, no exponent, no leading zero.
local function whole(digits, most)
  if type(digits) ~= 'string' or #digits > 16 then return nil end
  if digits ~= '0' and not digits:find('^[1-9]%d*$') then return nil end
  local number = tonumber(digits)
  return number <= (most or COINS_MAX) and number or nil
end

local function positive(digits, most)
  local number = whole(digits, most)
  return number and number > 0 and number or nil
end

-- Ids and commands are joined by blanks in the chain, so they hold none.
local function is_word(word, most)
  return #word > 0 and #word <= most and word:find('^[%w:_.@-]+$') ~= nil
end

local function bank_ms()
  local now = redis.call('TIME')
  return tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
end

-- ---- A club: its head, and the entries a call is about to write

local FIGURES = { 'epoch', 'seq', 'at_ms', 'issued', 'burned', 'in_wallets', 'in_pools', 'house' }

-- The club, or nil while the gate is shut or the club has no head.
local function meet(head, journal)
  local now_ms = bank_ms()
  local held = redis.call('HMGET', head, 'chain', unpack(FIGURES))
  if not gate_is_open or not held[1] then return nil, { 'unavailable', text(now_ms) } end
  local club = { head = head, journal = journal, chain = held[1], entries = {} }
  for at, name in ipairs(FIGURES) do
    club[name] = whole(held[at + 1])
    if not club[name] then error('the head holds rubbish in ' .. name) end
  end
  -- Time never goes back along seq, whatever the host's clock does.
  club.now_ms = now_ms
  club.at_ms = math.max(now_ms, club.at_ms)
  club.judged_ms = judges_by_clock and now_ms or club.at_ms
  return club
end

local function refused(club, code, figure)
  return { 'refused', text(club.now_ms), code, figure and text(figure) or nil }
end

-- Write the queued entries, then the head. The journal goes first: it is the only write that
-- can refuse, when its id does not follow.
local function commit(club)
  if #club.entries == 0 then return end
  for _, entry in ipairs(club.entries) do
    local fields = entry.fields
    redis.call('XADD', club.journal, entry.id,
      'kind', fields[1], 'market', fields[2], 'user', fields[3], 'outcome', fields[4],
      'coins', fields[5], 'command', fields[6], 'at_ms', fields[7],
      'wallet', fields[8], 'position', fields[9], 'chain', entry.chain)
  end
  local words = { 'chain', club.chain }
  for _, name in ipairs(FIGURES) do
    words[#words + 1] = name
    words[#words + 1] = text(club[name])
  end
  redis.call('HSET', club.head, unpack(words))
end

-- ---- A market: its fields, and those a call is about to change

-- A figure that was read or set is kept as a number until it is written.
local function word_of(value)
  return type(value) == 'number' and text(value) or value
end

local function read_market(key, id)
  local flat = redis.call('HGETALL', key)
  if #flat == 0 then return nil end
  local market = { key = key, id = id, fields = {}, changed = {} }
  for at = 1, #flat, 2 do market.fields[flat[at]] = flat[at + 1] end
  return market
end

local function figure(market, name)
  local held = market.fields[name]
  if type(held) == 'number' then return held end
  local number = whole(held or '0')
  if not number then error('market ' .. market.id .. ' holds rubbish in ' .. name) end
  if held then market.fields[name] = number end
  return number
end

local function set(market, name, value)
  market.fields[name] = value
  market.changed[name] = true
end

local function save(market)
  local words = {}
  for name in pairs(market.changed) do
    words[#words + 1] = name
    words[#words + 1] = word_of(market.fields[name])
  end
  if #words > 0 then redis.call('HSET', market.key, unpack(words)) end
end

local function flatten(market)
  local flat = {}
  for name, value in pairs(market.fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = word_of(value)
  end
  return flat
end

local function pool_of(market)
  local coins = 0
  for name in pairs(market.fields) do
    if name:sub(1, 5) == 'pool:' then coins = coins + figure(market, name) end
  end
  return coins
end

-- Queue an entry; the market it changes gets a higher version. Returns the seq.
local function queue(club, market, kind, entry)
  club.seq = club.seq + 1
  if market then
    set(market, 'version', math.max(figure(market, 'version') + 1, club.seq))
  end
  local id, fields = text(club.epoch) .. '-' .. text(club.seq), {
    kind, market and market.id or entry.market or '', entry.user or '', entry.outcome or '',
    entry.coins and text(entry.coins) or '', entry.command or '', text(club.at_ms),
    entry.wallet and text(entry.wallet) or '', entry.position and text(entry.position) or '',
  }
  club.chain = redis.sha1hex(club.chain .. ' ' .. id .. ' ' .. table.concat(fields, ' '))
  club.entries[#club.entries + 1] = { id = id, fields = fields, chain = club.chain }
  return club.seq
end

local function is_due(club, market)
  local closes_at_ms = figure(market, 'closes_at_ms')
  return market.fields.status == 'open' and closes_at_ms > 0 and club.judged_ms >= closes_at_ms
end

local function queue_lock(club, market, user, command)
  set(market, 'status', 'locked')
  set(market, 'lock_seq', queue(club, market, 'lock', { user = user, command = command }))
  set(market, 'locked_at_ms', club.at_ms)
end

local function marked(club, market, seq, is_repeat)
  return { 'done', text(club.now_ms), text(seq), is_repeat and '1' or '0', flatten(market) }
end

-- ---- Bets

-- Found before the bank; each is told at its place in the order.
local EARLY = { room_ended = true, forbidden = true, not_member = true }
local REFUSALS = {
  [''] = true, room_ended = true, forbidden = true, not_member = true,
  host_may_not_bet = true, not_inside = true,
}

local function parse_position(held)
  local position = {}
  for outcome, coins, first_seq in (held or ''):gmatch('(%d+) (%d+) (%d+)') do
    position[#position + 1] = { outcome = outcome, coins = whole(coins), first_seq = first_seq }
  end
  return position
end

local function format_position(position)
  local words = {}
  for at, part in ipairs(position) do
    words[at] = part.outcome .. ' ' .. text(part.coins) .. ' ' .. part.first_seq
  end
  return table.concat(words, ' ')
end

local function part_of(position, outcome)
  for _, part in ipairs(position) do
    if part.outcome == outcome then return part end
  end
end

-- The bets of a call, from a place in its words on; since v5 each begins with the number of its
-- market among those of the call, and its room.
local function parse_bets(args, first, version)
  local bets, words = {}, version >= 5 and 8 or 6
  for last = first + words - 1, #args, words do
    local user, bet_id, outcome = args[last - 5], args[last - 4], args[last - 3]
    local stake, expires_at_ms = positive(args[last - 2], STAKE_MAX), whole(args[last - 1])
    local refusal = args[last]
    bets[#bets + 1] = {
      number = version >= 5 and tonumber(args[last - 7]) or 1,
      room = version >= 5 and args[last - 6] or args[1],
      user = user, outcome = outcome, stake = stake, expires_at_ms = expires_at_ms,
      refusal = refusal, bet_id = bet_id, key = user .. '|' .. bet_id,
      is_sound = stake and expires_at_ms and positive(user) and whole(outcome)
        and REFUSALS[refusal] and is_word(bet_id, 64),
    }
  end
  return bets
end

-- The coins of those who bet; a wallet with rubbish in it is nil, and stops its own bets only.
local function read_wallets(key, bets)
  local users, wallets = {}, {}
  for at, bet in ipairs(bets) do users[at] = bet.user end
  local held = redis.call('HMGET', key, unpack(users))
  for at, user in ipairs(users) do wallets[user] = whole(held[at] or '0') end
  return wallets
end

local MOVING = { 'version', 'bettors', 'closes_at_ms', 'min_stake', 'max_stake' }

-- Read all figures of a market, so that rubbish in one is found before anything is decided.
local function read_figures(market)
  for _, name in ipairs(MOVING) do figure(market, name) end
  for name in pairs(market.fields) do
    if name:sub(1, 6) == 'heads:' then figure(market, name) end
  end
  market.pooled = pool_of(market)
end

local function read_position(market, held)
  local position = parse_position(held)
  for _, part in ipairs(position) do
    if not part.coins then error('market ' .. market.id .. ' holds rubbish in a position') end
  end
  return position
end

-- Read what the bets on a market need to know of it, or why they are all refused.
local function read_table(keys, first, id, bets)
  local market = read_market(keys[first], id)
  if not market then return { missing = 'unknown' } end
  read_figures(market)
  market.positions_key, market.answers_key = keys[first + 1], keys[first + 2]
  market.positions, market.answers, market.taken = {}, {}, {}
  local users, ids = {}, {}
  for at, bet in ipairs(bets) do users[at], ids[at] = bet.user, bet.key end
  local positions = redis.call('HMGET', keys[first + 1], unpack(users))
  local answers = redis.call('HMGET', keys[first + 2], unpack(ids))
  for at, bet in ipairs(bets) do
    market.positions[bet.user] = read_position(market, positions[at])
    market.answers[bet.key] = answers[at] or nil
  end
  return market
end

-- The markets of a call. One that cannot be read stops its own bets only.
local function read_tables(keys, ids, bets)
  local on, markets = {}, {}
  for number in ipairs(ids) do on[number] = {} end
  for _, bet in ipairs(bets) do
    local own = on[bet.number]
    if own then own[#own + 1] = bet else bet.is_sound = false end
  end
  for number, id in ipairs(ids) do
    local is_read, found = true, { missing = 'unknown' }
    if #on[number] > 0 then
      is_read, found = pcall(read_table, keys, 1 + 3 * number, id, on[number])
    end
    if not is_read then redis.log(redis.LOG_WARNING, 'market ' .. id .. ' cannot be read') end
    markets[number] = is_read and found or { missing = 'unavailable' }
  end
  return markets
end

-- An accepted bet: its seven figures, whether it is a repeat, and since v4 the entry's chain. A bet
-- that an earlier library took is kept without it.
local function accepted(words, is_repeat, version)
  local answer = { 'accepted', unpack(words, 1, 7) }
  answer[9] = is_repeat and '1' or '0'
  if version >= 4 then answer[10] = words[8] or '' end
  return answer
end

-- The first answer of a repeated bet, key_reused for other content, nil for a new bet.
local function answer_again(market, bet, version)
  local first = market.answers[bet.key]
  if not first then return nil end
  local same = bet.outcome .. ' ' .. text(bet.stake) .. ' '
  if first:sub(1, #same) ~= same then return { 'refused', 'key_reused' } end
  local words = {}
  for word in first:gmatch('%S+') do words[#words + 1] = word end
  return accepted(words, true, version)
end

local function check_market(club, market, bet)
  if bet.expires_at_ms < club.judged_ms then return 'expired' end
  if EARLY[bet.refusal] then return bet.refusal end
  if market.fields.status ~= 'open' then return 'market_closed' end
  if market.fields.frozen == '1' then return 'frozen' end
  if bet.refusal == 'host_may_not_bet' then return bet.refusal end
  if not market.fields['pool:' .. bet.outcome] then return 'no_such_outcome' end
end

-- The coins that max_stake bounds: since v2 a user's on the whole market, before on the outcome.
local function bounded(position, part, version)
  if version == 1 then return part and part.coins or 0 end
  local coins = 0
  for _, each in ipairs(position) do coins = coins + each.coins end
  return coins
end

local function check_stake(market, bet, wallets, version)
  local position = market.positions[bet.user]
  local part = part_of(position, bet.outcome)
  if #position > 0 and not part and market.fields.hedging ~= '1' then
    return 'other_outcome_taken'
  end
  local least, most = figure(market, 'min_stake'), figure(market, 'max_stake')
  if bet.stake < least then return 'stake_below_minimum', least end
  if most == 0 then most = COINS_MAX end
  if bounded(position, part, version) + bet.stake > most then return 'stake_above_maximum', most end
  if market.pooled + bet.stake > COINS_MAX then return 'stake_above_maximum', COINS_MAX end
  if bet.refusal == 'not_inside' then return bet.refusal end
  local coins = wallets[bet.user]
  if not coins then return 'unavailable' end
  if coins < bet.stake then return 'not_enough_coins', coins end
end

local function take(club, market, bet, wallets, version)
  local position = market.positions[bet.user]
  local pool, heads = 'pool:' .. bet.outcome, 'heads:' .. bet.outcome
  local coins = wallets[bet.user] - bet.stake
  local part = part_of(position, bet.outcome)
  if #position == 0 then set(market, 'bettors', figure(market, 'bettors') + 1) end
  if not part then
    part = { outcome = bet.outcome, coins = 0, first_seq = text(club.seq + 1) }
    position[#position + 1] = part
    set(market, heads, figure(market, heads) + 1)
  end
  part.coins = part.coins + bet.stake
  set(market, pool, figure(market, pool) + bet.stake)
  market.pooled = market.pooled + bet.stake
  club.in_wallets, club.in_pools = club.in_wallets - bet.stake, club.in_pools + bet.stake
  local seq = queue(club, market, 'bet', {
    user = bet.user, outcome = bet.outcome, coins = bet.stake, command = bet.bet_id,
    wallet = coins, position = part.coins,
  })
  local answer = {
    bet.outcome, text(bet.stake), text(club.epoch), text(seq), text(club.at_ms), text(coins),
    text(part.coins), club.chain,
  }
  wallets[bet.user] = coins
  market.answers[bet.key] = table.concat(answer, ' ')
  market.taken[#market.taken + 1] = bet
  return accepted(answer, false, version)
end

local function decide_bet(club, market, bet, wallets, version)
  if not bet.is_sound then return { 'refused', 'malformed' } end
  if market.missing then return { 'refused', market.missing } end
  if market.fields.room ~= bet.room then return { 'refused', 'not_found' } end
  local again = answer_again(market, bet, version)
  if again then return again end
  local code, number = check_market(club, market, bet)
  if not code then code, number = check_stake(market, bet, wallets, version) end
  if code then return { 'refused', code, number and text(number) or nil } end
  return take(club, market, bet, wallets, version)
end

-- Write what the bets changed on a market; its wallets are noted for the caller.
local function save_bets(market, wallets, changed)
  local positions, answers = {}, {}
  save(market)
  for _, bet in ipairs(market.taken) do
    changed[#changed + 1], changed[#changed + 2] = bet.user, text(wallets[bet.user])
    positions[#positions + 1] = bet.user
    positions[#positions + 1] = format_position(market.positions[bet.user])
    answers[#answers + 1], answers[#answers + 2] = bet.key, market.answers[bet.key]
  end
  if #answers == 0 then return end
  redis.call('HSET', market.positions_key, unpack(positions))
  redis.call('HSET', market.answers_key, unpack(answers))
end

-- Decide bets on some markets of a club; returns the answers, and each market as it is then.
local function decide_bets(club, keys, ids, bets, version)
  local markets, wallets = read_tables(keys, ids, bets), read_wallets(keys[2], bets)
  for _, market in ipairs(markets) do
    if not market.missing and is_due(club, market) then queue_lock(club, market, '', 'deadline') end
  end
  local answers, states, changed = {}, {}, {}
  for at, bet in ipairs(bets) do
    answers[at] = decide_bet(club, markets[bet.number], bet, wallets, version)
  end
  commit(club)
  for number, market in ipairs(markets) do
    if not market.missing then save_bets(market, wallets, changed) end
    states[number] = market.missing and {} or flatten(market)
  end
  if #changed > 0 then redis.call('HSET', keys[2], unpack(changed)) end
  return answers, states
end

-- Decide up to 32 bets on some markets of a club, one after the other in one step.
--   keys  head, wallets, journal, then market, positions and bets for each market
--   args  the markets, each once, then for each bet: the number of its market among them (from 1),
--         room, user, bet_id, outcome, stake, expires_at_ms, refusal
-- Returns a line for each bet, and each market: {"accepted", outcome, stake, epoch, seq, at_ms,
-- coins, position, is_repeat, chain} or {"refused", code, figure}. The first call that finds a market
-- open past its deadline locks it. A repeat gets the first answer, whatever has happened since.
local function place_bets_v5(keys, args)
  local club, away = meet(keys[1], keys[3])
  if not club then return away end
  local count = (#keys - 3) / 3
  local words, ids, seen = #args - count, {}, {}
  if count < 1 or count % 1 ~= 0 or words < 8 or words % 8 ~= 0 or words > 8 * BETS_MAX then
    return redis.error_reply('ERR place_bets takes markets, and 1 to 32 bets of eight words')
  end
  for number = 1, count do
    local id = args[number]
    if seen[id] then return redis.error_reply('ERR place_bets takes a market once') end
    ids[number], seen[id] = id, true
  end
  local answers, states = decide_bets(club, keys, ids, parse_bets(args, count + 1, 5), 5)
  return { 'done', text(club.now_ms), answers, states }
end

-- As place_bets_v5 on one market.
--   args  room, market, then for each bet: user, bet_id, outcome, stake, expires_at_ms, refusal
-- Returns a line for each bet, and the market.
local function place_bets_as(version, keys, args)
  local club, away = meet(keys[1], keys[3])
  if not club then return away end
  if #args < 8 or (#args - 2) % 6 ~= 0 or #args > 2 + 6 * BETS_MAX then
    return redis.error_reply('ERR place_bets takes room, market and 1 to 32 bets of six words')
  end
  local answers, states = decide_bets(club, keys, { args[2] }, parse_bets(args, 3, version), version)
  return { 'done', text(club.now_ms), answers, states[1] }
end

local function place_bets_v1(keys, args)
  return place_bets_as(1, keys, args)
end

local function place_bets_v2(keys, args)
  return place_bets_as(2, keys, args)
end

local function place_bets_v4(keys, args)
  return place_bets_as(4, keys, args)
end

-- ---- Grants and burns

-- The first answer of a command: kind, user and coins asked for, then what was told.
local function move_again(club, first, asked)
  if first:sub(1, #asked) ~= asked then return refused(club, 'key_reused') end
  local words = {}
  for word in first:sub(#asked + 1):gmatch('%d+') do words[#words + 1] = word end
  return { 'done', text(club.now_ms), words[1], words[2], words[3], words[4], words[5], '1' }
end

local function move(kind, keys, args)
  local club, away = meet(keys[1], keys[3])
  if not club then return away end
  local user, coins, command, market = args[1], positive(args[2]), args[3], args[4]
  if not (positive(user) and coins and is_word(command, 64) and (market == '' or positive(market)))
  then
    return refused(club, 'malformed')
  end
  local asked = kind .. ' ' .. user .. ' ' .. text(coins) .. ' '
  local first = redis.call('HGET', keys[4], command)
  if first then return move_again(club, first, asked) end
  local held = whole(redis.call('HGET', keys[2], user) or '0')
  if not held then error('the wallet of user ' .. user .. ' holds rubbish') end
  if kind == 'grant' then
    -- No wallet, pool or house can pass the limit when all coins ever issued do not.
    if club.issued + coins > COINS_MAX then
      return refused(club, 'stake_above_maximum', COINS_MAX)
    end
    held, club.issued = held + coins, club.issued + coins
    club.in_wallets = club.in_wallets + coins
  else
    coins = math.min(coins, held)
    if coins == 0 then return refused(club, 'not_enough_coins', 0) end
    held, club.burned = held - coins, club.burned + coins
    club.in_wallets = club.in_wallets - coins
  end
  local seq = queue(club, nil, kind, {
    market = market, user = user, coins = coins, command = command, wallet = held,
  })
  local told = { text(club.epoch), text(seq), text(club.at_ms), text(coins), text(held) }
  commit(club)
  redis.call('HSET', keys[2], user, told[5])
  redis.call('HSET', keys[4], command, asked .. table.concat(told, ' '))
  return { 'done', text(club.now_ms), told[1], told[2], told[3], told[4], told[5], '0' }
end

-- Issue coins into a wallet, once per command.
--   keys  head, wallets, journal, grants
--   args  user, coins, command, market or ""
-- Returns epoch, seq, at_ms, coins moved, coins after, is_repeat.
local function grant(keys, args)
  return move('grant', keys, args)
end

-- Take coins out of a wallet, at most what it holds. Keys, args and answer as of grant.
local function burn(keys, args)
  return move('burn', keys, args)
end

-- ---- Refills

-- How many refills a user has had, and the times of the last ones, oldest first.
local function read_refills(key, user)
  local held, times = redis.call('HGET', key, user) or '0', {}
  local count = whole(held:match('^%d+'))
  for at_ms in held:gmatch(' (%d+)') do times[#times + 1] = whole(at_ms) end
  return count, times
end

-- From when on a user may be refilled (again).
local function next_refill_ms(times, every_ms, per_day)
  local last, first_of_day = times[#times], times[#times - per_day + 1]
  local next_ms = last and last + every_ms or 0
  return first_of_day and math.max(next_ms, first_of_day + DAY_MS) or next_ms
end

-- Whether a user has coins on a market that is not paid yet.
local function has_open_position(keys, user)
  for at = 6, #keys, 2 do
    local status = redis.call('HGET', keys[at], 'status')
    local is_open = status and status ~= 'settled' and status ~= 'void'
    if is_open and redis.call('HEXISTS', keys[at + 1], user) == 1 then return true end
  end
  return false
end

-- The answer of the last refill, when the wallet is still as it left it.
local function refill_again(keys, command, held)
  local words = {}
  for word in (redis.call('HGET', keys[4], command) or ''):gmatch('%d+') do
    words[#words + 1] = word
  end
  return words[#words] == text(held) and words or nil
end

-- Give coins to a user who has next to none and nothing at stake.
--   keys  head, wallets, journal, grants, refills, then market and positions for each market
--   args  user, coins, below (coins), every_ms, per_day (1 to 20)
-- Returns epoch, seq, at_ms, coins moved, coins after, is_repeat, next_at_ms. Asked again before
-- any coin has moved it returns the same; too_fast (figure: from when on) before its time.
local function refill(keys, args)
  local club, away = meet(keys[1], keys[3])
  if not club then return away end
  local user, coins, below = args[1], positive(args[2]), whole(args[3])
  local every_ms, per_day = whole(args[4], DAY_MS), positive(args[5], REFILLS_KEPT)
  if not (positive(user) and coins and below and every_ms and per_day) or #keys % 2 ~= 1 then
    return refused(club, 'malformed')
  end
  local held = whole(redis.call('HGET', keys[2], user) or '0')
  if not held then error('the wallet of user ' .. user .. ' holds rubbish') end
  local count, times = read_refills(keys[5], user)
  local next_ms, plays = next_refill_ms(times, every_ms, per_day), has_open_position(keys, user)
  if club.at_ms < next_ms then
    local words = not plays and refill_again(keys, 'refill:' .. user .. ':' .. text(count), held)
    if not words then return refused(club, 'too_fast', next_ms) end
    local first = #words - 4
    return { 'done', text(club.now_ms), words[first], words[first + 1], words[first + 2],
      words[first + 3], words[first + 4], '1', text(next_ms) }
  end
  if held >= below or plays then return refused(club, 'not_broke') end
  if club.issued + coins > COINS_MAX then return refused(club, 'stake_above_maximum', COINS_MAX) end
  local command = 'refill:' .. user .. ':' .. text(count + 1)
  club.issued, club.in_wallets = club.issued + coins, club.in_wallets + coins
  local seq = queue(club, nil, 'grant', {
    user = user, coins = coins, command = command, wallet = held + coins,
  })
  local told = { text(club.epoch), text(seq), text(club.at_ms), text(coins), text(held + coins) }
  times[#times + 1] = club.at_ms
  if #times > REFILLS_KEPT then table.remove(times, 1) end
  local kept = { text(count + 1) }
  for at, at_ms in ipairs(times) do kept[at + 1] = text(at_ms) end
  commit(club)
  redis.call('HSET', keys[2], user, told[5])
  redis.call('HSET', keys[4], command,
    'grant ' .. user .. ' ' .. told[4] .. ' ' .. table.concat(told, ' '))
  redis.call('HSET', keys[5], user, table.concat(kept, ' '))
  next_ms = next_refill_ms(times, every_ms, per_day)
  return { 'done', text(club.now_ms), told[1], told[2], told[3], told[4], told[5], '0',
    text(next_ms) }
end

-- ---- Steps of a market

-- Whether a market is of the room and has the outcomes that it is to be opened with.
local function is_of(market, args)
  if market.fields.room ~= args[3] then return false end
  local count = 0
  for name in pairs(market.fields) do
    if name:sub(1, 5) == 'pool:' then count = count + 1 end
  end
  for at = 10, #args do
    if not market.fields['pool:' .. args[at]] then return false end
  end
  return count == #args - 9
end

-- Open a market; its closing time counts from now.
--   keys  head, journal, market
--   args  market, user or "", room, closes_in_ms (0: until locked), min_stake, max_stake (0: none),
--         min_bettors, hedging (0 or 1), takeout_bp, then two to ten outcomes
-- Returns seq, is_repeat, market. Opening again changes nothing.
local function open_market(keys, args, is_compared)
  local club, away = meet(keys[1], keys[2])
  if not club then return away end
  local market = read_market(keys[3], args[1])
  if market and is_compared and not is_of(market, args) then return refused(club, 'key_reused') end
  if market then return marked(club, market, figure(market, 'open_seq'), true) end
  for at = 1, #args do
    local is_nobody = at == 2 and args[at] == ''
    if not (is_nobody or whole(args[at])) then return refused(club, 'malformed') end
  end
  if #args < 11 or #args > 19 then return refused(club, 'malformed') end
  market = { key = keys[3], id = args[1], fields = {}, changed = {} }
  local closes_in_ms = whole(args[4])
  local closes_at_ms = closes_in_ms > 0 and club.judged_ms + closes_in_ms or 0
  local command = 'closes:' .. text(closes_at_ms)
  set(market, 'open_seq', queue(club, market, 'open', { user = args[2], command = command }))
  set(market, 'status', 'open')
  set(market, 'opened_at_ms', club.at_ms)
  set(market, 'closes_at_ms', closes_at_ms)
  set(market, 'frozen', '0')
  set(market, 'bettors', '0')
  local names = { [3] = 'room', [5] = 'min_stake', [6] = 'max_stake', [7] = 'min_bettors',
    [8] = 'hedging', [9] = 'takeout_bp' }
  for at, name in pairs(names) do set(market, name, args[at]) end
  for at = 10, #args do
    set(market, 'pool:' .. args[at], '0')
    set(market, 'heads:' .. args[at], '0')
  end
  commit(club)
  save(market)
  return marked(club, market, club.seq, false)
end

-- As open_market; refuses a number that another market has: its room, or its outcomes differ.
local function open_market_compared(keys, args)
  return open_market(keys, args, true)
end

-- Stop bets on a market: now for a user, at the deadline only for the clock (user ""), or now for
-- the clock with a reason of its own.
--   keys  head, journal, market
--   args  market, user or "", reason or nothing
-- Returns seq, is_repeat, market. Locking again changes nothing.
local function lock(keys, args)
  local club, away = meet(keys[1], keys[2])
  if not club then return away end
  local market, user = read_market(keys[3], args[1]), args[2]
  if not market then return refused(club, 'unknown') end
  if market.fields.status ~= 'open' then
    return marked(club, market, figure(market, 'lock_seq'), true)
  end
  if user ~= '' and not positive(user) then return refused(club, 'malformed') end
  local due, reason = is_due(club, market), args[3] or 'host'
  if not reason:match('^%l+$') then return refused(club, 'malformed') end
  if user == '' and not (due or args[3]) then return refused(club, 'not_due') end
  -- Past the deadline it was the deadline that locked, also when another call finds it first.
  queue_lock(club, market, due and '' or user, due and 'deadline' or reason)
  commit(club)
  save(market)
  return marked(club, market, figure(market, 'lock_seq'), false)
end

-- "<winner>.<winner>@<T0 ms or 0>": what is wrong with it, or nil.
local function check_winners(market, command)
  local names, happened = command:match('^([%d.]+)@(%d+)$')
  local happened_at_ms = happened and whole(happened)
  if not happened_at_ms then return 'malformed' end
  local seen, count = {}, 0
  for name in names:gmatch('[^.]+') do
    if seen[name] or not positive(name) then return 'malformed' end
    if not market.fields['pool:' .. name] then return 'no_such_outcome' end
    seen[name], count = true, count + 1
  end
  local _, dots = names:gsub('%.', '')
  if count == 0 or dots ~= count - 1 then return 'malformed' end
  local opened, locked = figure(market, 'opened_at_ms'), figure(market, 'locked_at_ms')
  if happened_at_ms ~= 0 and (happened_at_ms < opened or happened_at_ms > locked) then
    return 'malformed'
  end
end

local VOID_REASONS = { void = true, unresolved = true, too_small = true, one_sided = true }

-- Why this user may not decide a market, whatever its state, or nil. A user who holds a position
-- decides nothing, unless an operator.
local function check_author(positions, user, is_operator)
  if user == '' then return nil end
  if not positive(user) then return 'malformed' end
  local holds = redis.call('HEXISTS', positions, user) == 1
  if holds and not is_operator then return 'holder_may_not_settle' end
end

-- Why a market cannot be decided like this now, or nil.
local function check_decision(market, kind, command)
  if kind == 'void' then return not VOID_REASONS[command] and 'malformed' or nil end
  if kind ~= 'settle' then return 'malformed' end
  if market.fields.status == 'open' then return 'market_not_locked' end
  return check_winners(market, command)
end

local function is_decided_like(market, kind, command)
  return market.fields.decision == kind and market.fields.decision_command == command
end

-- The unofficial result that stands, or nil.
local function standing(market)
  local result = market.fields.result
  return result ~= '' and result or nil
end

local function clear_result(market)
  if not market.fields.result then return end
  set(market, 'result', '')
  set(market, 'official_at_ms', '0')
  set(market, 'namings', '0')
end

local function queue_decision(club, market, kind, command, user)
  if market.fields.status == 'open' then queue_lock(club, market, user, 'host') end
  set(market, 'decision', kind)
  set(market, 'decision_command', command)
  set(market, 'decided_by', user)
  set(market, 'decide_seq', queue(club, market, kind, { user = user, command = command }))
  clear_result(market)
end

-- The first call that finds a result past its time makes it official; never on a market on hold.
local function make_due_official(club, market)
  local result = standing(market)
  if not result or market.fields.decision or market.fields.frozen == '1' then return end
  if club.judged_ms < figure(market, 'official_at_ms') then return end
  local kind, command = result:match('^(%l+):(.+)$')
  queue_decision(club, market, kind, command, market.fields.result_by)
end

local function queue_result(club, market, result, user, after_ms)
  if market.fields.status == 'open' then queue_lock(club, market, user, 'host') end
  local official_at_ms = club.judged_ms + after_ms
  -- Counted from the time of the entry, so below zero where that is ahead of the clock.
  local command = result .. ':' .. text(official_at_ms - club.at_ms)
  set(market, 'result_seq', queue(club, market, 'result', { user = user, command = command }))
  set(market, 'result', result)
  set(market, 'result_by', user)
  set(market, 'official_at_ms', official_at_ms)
  set(market, 'namings', figure(market, 'namings') + 1)
end

-- Settle or void a market; the first decision stands.
--   keys  head, journal, market, positions
--   args  market, "settle" or "void", command, user or "", is_operator (0 or 1)
-- Returns seq, is_repeat, market. A void locks an open market in the same step.
local function decide(keys, args)
  local club, away = meet(keys[1], keys[2])
  if not club then return away end
  local market = read_market(keys[3], args[1])
  local kind, command, user = args[2], args[3], args[4]
  if not market then return refused(club, 'unknown') end
  if kind ~= 'settle' and kind ~= 'void' then return refused(club, 'malformed') end
  local code = check_author(keys[4], user, args[5] == '1')
  if code then return refused(club, code) end
  if market.fields.decision then
    if not is_decided_like(market, kind, command) then return refused(club, 'already_decided') end
    return marked(club, market, figure(market, 'decide_seq'), true)
  end
  if is_due(club, market) then queue_lock(club, market, '', 'deadline') end
  code = check_decision(market, kind, command)
  if not code then queue_decision(club, market, kind, command, user) end
  -- A refusal may have found the deadline passed; that lock stands.
  commit(club)
  save(market)
  if code then return refused(club, code) end
  return marked(club, market, club.seq, false)
end

-- Queue the decision, or the result that becomes it; why not, or nil. What stands is not queued.
local function queue_decision_or_result(club, market, decision)
  local kind, command, user = decision.kind, decision.command, decision.user
  local code = check_decision(market, kind, command)
  if code then return code end
  local stands, result = standing(market), kind .. ':' .. command
  -- Nothing of the clock's interferes while people say what the result is.
  if stands and user == '' then return 'not_due' end
  local is_empty = kind == 'void' and pool_of(market) == 0
  if decision.after_ms == 0 or is_empty then
    queue_decision(club, market, kind, command, user)
  elseif stands ~= result then
    if stands and figure(market, 'namings') >= NAMINGS_MAX then return 'changed_too_often' end
    queue_result(club, market, result, user, decision.after_ms)
  end
end

-- Say how a market ends: decided at once with after_ms 0, else unofficial until after_ms are over.
--   keys  head, journal, market, positions
--   args  market, "settle" or "void", command, user or "", is_operator (0 or 1), after_ms
-- Returns seq, is_repeat, market. Another result takes the place of one that is unofficial, and
-- its time begins anew. A void of an open market locks it in the same step; one of an empty market
-- is decided at once.
local function decide_after(keys, args)
  local club, away = meet(keys[1], keys[2])
  if not club then return away end
  local market, after_ms = read_market(keys[3], args[1]), whole(args[6], DAY_MS)
  local decision = { kind = args[2], command = args[3], user = args[4], after_ms = after_ms }
  if not market then return refused(club, 'unknown') end
  if not after_ms then return refused(club, 'malformed') end
  local code = check_author(keys[4], args[4], args[5] == '1')
  if code then return refused(club, code) end
  make_due_official(club, market)
  if is_due(club, market) then queue_lock(club, market, '', 'deadline') end
  if not market.fields.decision then
    code = queue_decision_or_result(club, market, decision)
  elseif not is_decided_like(market, args[2], args[3]) then
    code = 'already_decided'
  end
  commit(club)
  save(market)
  if code then return refused(club, code) end
  local seq = figure(market, market.fields.decision and 'decide_seq' or 'result_seq')
  return marked(club, market, seq, #club.entries == 0)
end

-- Decide a market whose result has been unofficial for its time.
--   keys  head, journal, market
--   args  market
-- Returns seq, is_repeat, market; not_due when no result stands, or its time is not over.
local function make_official(keys, args)
  local club, away = meet(keys[1], keys[2])
  if not club then return away end
  local market = read_market(keys[3], args[1])
  if not market then return refused(club, 'unknown') end
  make_due_official(club, market)
  if not market.fields.decision then return refused(club, 'not_due') end
  commit(club)
  save(market)
  return marked(club, market, figure(market, 'decide_seq'), #club.entries == 0)
end

-- Take an unofficial result back; the market stays locked. Where none stands, nothing changes.
--   keys  head, journal, market, positions
--   args  market, user, is_operator (0 or 1)
-- Returns seq, is_repeat, market.
local function withdraw(keys, args)
  local club, away = meet(keys[1], keys[2])
  if not club then return away end
  local market, user = read_market(keys[3], args[1]), args[2]
  if not market then return refused(club, 'unknown') end
  local code = user == '' and 'malformed' or check_author(keys[4], user, args[3] == '1')
  if code then return refused(club, code) end
  make_due_official(club, market)
  if market.fields.decision then
    code = 'already_decided'
  elseif market.fields.status == 'open' then
    code = 'market_not_locked'
  elseif standing(market) then
    queue(club, market, 'withdraw', { user = user })
    clear_result(market)
  end
  commit(club)
  save(market)
  if code then return refused(club, code) end
  return marked(club, market, club.seq, #club.entries == 0)
end

-- ---- Payment

-- Why a settlement may not be paid (any further) at this cursor, or nil.
local function check_payment(market, settlement, final, cursor)
  local fields = market.fields
  if not fields.decision then return 'market_undecided' end
  if (fields.settlement or settlement) ~= settlement then return 'key_reused' end
  if cursor > figure(market, 'cursor') then return 'gap', figure(market, 'cursor') end
  if fields.frozen == '1' then return 'frozen' end
  local reason = final:match('^void:([%l_]+)$')
  if final ~= '' and final ~= 'settled' and not reason then return 'malformed' end
  if final == 'settled' and fields.decision ~= 'settle' then return 'malformed' end
  if reason and fields.decision == 'void' and reason ~= fields.decision_command then
    return 'malformed'
  end
end

local function parse_items(args)
  local items, coins = {}, 0
  for at = 6, #args, 6 do
    local item = {
      kind = args[at], user = args[at + 1], outcome = args[at + 2],
      coins = positive(args[at + 3]), stake = positive(args[at + 4]), reason = args[at + 5],
    }
    local is_refund = item.kind == 'refund'
    if not (item.coins and item.stake) then return nil end
    if not is_refund and item.kind ~= 'payout' then return nil end
    if is_refund and (item.coins ~= item.stake or not is_word(item.reason, 32)) then return nil end
    items[#items + 1], coins = item, coins + item.coins
  end
  return items, coins
end

-- The wallets of those who are paid, or nil when a user does not hold what is paid for.
local function read_payees(keys, items)
  local users, wallets = {}, {}
  if #items == 0 then return wallets end
  for at, item in ipairs(items) do users[at] = item.user end
  local held = redis.call('HMGET', keys[2], unpack(users))
  local positions = redis.call('HMGET', keys[5], unpack(users))
  for at, item in ipairs(items) do
    local part = part_of(parse_position(positions[at]), item.outcome)
    wallets[item.user] = whole(held[at] or '0')
    if not part or item.stake > part.coins or not wallets[item.user] then return nil end
  end
  return wallets
end

local function queue_payment(club, market, items, wallets, settlement)
  for _, item in ipairs(items) do
    local command = item.kind == 'refund' and settlement .. ':' .. item.reason or settlement
    wallets[item.user] = wallets[item.user] + item.coins
    club.in_wallets, club.in_pools = club.in_wallets + item.coins, club.in_pools - item.coins
    queue(club, market, item.kind, {
      user = item.user, outcome = item.outcome, coins = item.coins, command = command,
      wallet = wallets[item.user],
    })
  end
end

local function queue_end(club, market, final, takeout, settlement)
  if takeout > 0 then
    club.house, club.in_pools = club.house + takeout, club.in_pools - takeout
    queue(club, market, 'takeout', { coins = takeout, command = settlement })
  end
  queue(club, market, 'done', { command = final })
  set(market, 'status', final == 'settled' and 'settled' or 'void')
  set(market, 'final_at_ms', club.at_ms)
end

-- Pay a piece of a settlement.
--   keys  head, wallets, journal, market, positions
--   args  market, settlement, final ("", "settled" or "void:<reason>"), takeout, cursor,
--         then up to 50 items: kind, user, outcome, coins, stake, reason
-- Returns seq of the club, cursor, is_repeat, market. The cursor counts items of the whole list:
-- a piece below it was paid and changes nothing. The last piece must empty the pool exactly.
local function pay(keys, args)
  local club, away = meet(keys[1], keys[3])
  if not club then return away end
  local settlement, final = args[2], args[3]
  local takeout, cursor = whole(args[4]), whole(args[5])
  local market = read_market(keys[4], args[1])
  if not market then return refused(club, 'unknown') end
  if not (takeout and cursor) or not is_word(settlement, 64) or (#args - 5) % 6 ~= 0
    or #args > 5 + 6 * ITEMS_MAX then
    return refused(club, 'malformed')
  end
  local code, number = check_payment(market, settlement, final, cursor)
  if code then return refused(club, code, number) end
  local is_final = market.fields.status == 'settled' or market.fields.status == 'void'
  if is_final or cursor < figure(market, 'cursor') then
    local paid_up_to = text(figure(market, 'cursor'))
    return { 'done', text(club.now_ms), text(club.seq), paid_up_to, '1', flatten(market) }
  end
  local items, coins = parse_items(args)
  local wallets = items and read_payees(keys, items)
  if not wallets then return refused(club, 'malformed') end
  local paid = figure(market, 'paid') + coins
  local left = pool_of(market) - paid - takeout
  if left < 0 or (final ~= '' and left ~= 0) or (final ~= 'settled' and takeout > 0) then
    return refused(club, 'malformed')
  end
  queue_payment(club, market, items, wallets, settlement)
  set(market, 'settlement', settlement)
  set(market, 'cursor', cursor + #items)
  set(market, 'paid', paid)
  if final ~= '' then queue_end(club, market, final, takeout, settlement) end
  local words = {}
  for user, held in pairs(wallets) do
    words[#words + 1] = user
    words[#words + 1] = text(held)
  end
  commit(club)
  save(market)
  if #words > 0 then redis.call('HSET', keys[2], unpack(words)) end
  return { 'done', text(club.now_ms), text(club.seq), text(cursor + #items), '0', flatten(market) }
end

-- ---- Care

-- Put a market on hold or let it go on; no entry, a higher version.
--   keys  head, market
--   args  market, 0 or 1
local function freeze(keys, args)
  local club, away = meet(keys[1], '')
  if not club then return away end
  local market = read_market(keys[2], args[1])
  if not market then return refused(club, 'unknown') end
  if args[2] ~= '0' and args[2] ~= '1' then return refused(club, 'malformed') end
  if market.fields.frozen ~= args[2] then
    set(market, 'frozen', args[2])
    set(market, 'version', figure(market, 'version') + 1)
    save(market)
  end
  return { 'done', text(club.now_ms), flatten(market) }
end

-- Remove a market that is paid in full. Nothing to remove is done, too.
--   keys  head, market, positions, bets
--   args  market
local function forget(keys, args)
  local club, away = meet(keys[1], '')
  if not club then return away end
  local market = read_market(keys[2], args[1])
  if market and market.fields.status ~= 'settled' and market.fields.status ~= 'void' then
    return refused(club, 'market_undecided')
  end
  redis.call('UNLINK', keys[2], keys[3], keys[4])
  return { 'done', text(club.now_ms) }
end

-- Remove the empty wallet of an erased user, with the commands that filled and emptied it.
-- Nothing to remove is done, too.
--   keys  head, wallets, grants
--   args  user, then one to eight commands
local function forget_wallet(keys, args)
  local club, away = meet(keys[1], '')
  if not club then return away end
  if not positive(args[1]) or #args < 2 or #args > 9 then return refused(club, 'malformed') end
  local held = redis.call('HGET', keys[2], args[1])
  if held and held ~= '0' then return refused(club, 'wallet_not_empty') end
  redis.call('HDEL', keys[2], args[1])
  redis.call('HDEL', keys[3], unpack(args, 2))
  return { 'done', text(club.now_ms) }
end

-- Give a club without a head its first one. Works while the gate is shut, so that a bank can be
-- rebuilt before it opens.
--   keys  head, journal
--   args  epoch, seq, chain, at_ms, issued, burned, in_wallets, in_pools, house
local function start_epoch(keys, args)
  local club = { now_ms = bank_ms() }
  if redis.call('EXISTS', keys[1], keys[2]) > 0 then return refused(club, 'key_reused') end
  local words = { 'chain', args[3] }
  local given = { args[1], args[2], args[4], args[5], args[6], args[7], args[8], args[9] }
  for at, name in ipairs(FIGURES) do
    if not whole(given[at]) then return refused(club, 'malformed') end
    words[#words + 1] = name
    words[#words + 1] = given[at]
  end
  if given[1] == '0' or #args ~= 9 then return refused(club, 'malformed') end
  redis.call('HSET', keys[1], unpack(words))
  return { 'done', text(club.now_ms) }
end

-- Let this server decide, until it ends.
local function open_gate()
  gate_is_open = true
  return { 'done', text(bank_ms()) }
end

-- Note that somebody looks at this server, to open it afterwards.
--   args  ticket, of the caller's choice
local function begin_look(_, args)
  if not is_word(args[1] or '', 64) then return { 'refused', text(bank_ms()), 'malformed' } end
  tickets[#tickets + 1] = args[1]
  if #tickets > TICKETS_MAX then table.remove(tickets, 1) end
  return { 'done', text(bank_ms()) }
end

-- Let this server decide, when it is the one that was looked at and was not shut since.
--   args  ticket
local function open_gate_with(_, args)
  for _, ticket in ipairs(tickets) do
    if ticket == args[1] then
      gate_is_open, shut_reason, tickets = true, '', {}
      return { 'done', text(bank_ms()) }
    end
  end
  return { 'refused', text(bank_ms()), 'unknown' }
end

-- Let this server decide nothing until it is opened again; who looks at it now must look anew.
--   args  why, a sentence
local function shut_gate(_, args)
  gate_is_open, shut_reason, tickets = false, args[1] or '', {}
  return { 'done', text(bank_ms()) }
end

-- Tell whether this server decides, and why it was shut, or ''.
local function gate_and_reason()
  return { 'done', text(bank_ms()), gate_is_open and 'open' or 'shut', shut_reason }
end

-- Tell whether this server decides: "open" or "shut".
local function gate()
  return { 'done', text(bank_ms()), gate_is_open and 'open' or 'shut' }
end

-- Read a club at one moment, also while the gate is shut.
--   keys  head, wallets, then market and positions for each market
--   args  users
-- Returns epoch, seq, coins of each user, and for each market its fields and the positions of
-- each user. Coins and positions that are not there are nil.
local function read(keys, args)
  local now_ms = text(bank_ms())
  local head = redis.call('HMGET', keys[1], 'epoch', 'seq')
  if not head[1] then return { 'unavailable', now_ms } end
  local function of_users(key)
    return #args > 0 and redis.call('HMGET', key, unpack(args)) or {}
  end
  local markets = {}
  for at = 3, #keys, 2 do
    markets[#markets + 1] = { redis.call('HGETALL', keys[at]), of_users(keys[at + 1]) }
  end
  return { 'done', now_ms, head[1], head[2], of_users(keys[2]), markets }
end

-- A function that judges deadlines by the clock, or as earlier versions did.
local function judging(by_clock, callback)
  return function(keys, args)
    judges_by_clock = by_clock
    return callback(keys, args)
  end
end

-- What must work when the memory is full: a lock, a decision and a payment free people's coins.
local ALWAYS = { 'allow-oom' }
redis.register_function('place_bets_v1', judging(false, place_bets_v1))
redis.register_function('place_bets_v2', judging(false, place_bets_v2))
redis.register_function('place_bets_v3', judging(true, place_bets_v2))
redis.register_function('place_bets_v4', judging(true, place_bets_v4))
redis.register_function('place_bets_v5', judging(true, place_bets_v5))
redis.register_function('grant_v1', grant)
redis.register_function('burn_v1', burn)
redis.register_function('refill_v1', refill)
redis.register_function('open_market_v1', judging(false, open_market))
redis.register_function('open_market_v2', judging(true, open_market))
redis.register_function('open_market_v3', judging(true, open_market_compared))
redis.register_function {
  function_name = 'lock_v1', callback = judging(false, lock), flags = ALWAYS,
}
redis.register_function {
  function_name = 'lock_v2', callback = judging(true, lock), flags = ALWAYS,
}
redis.register_function {
  function_name = 'lock_v3', callback = judging(true, lock), flags = ALWAYS,
}
redis.register_function {
  function_name = 'decide_v1', callback = judging(false, decide), flags = ALWAYS,
}
redis.register_function {
  function_name = 'decide_v2', callback = judging(false, decide_after), flags = ALWAYS,
}
redis.register_function {
  function_name = 'decide_v3', callback = judging(true, decide_after), flags = ALWAYS,
}
redis.register_function {
  function_name = 'make_official_v1', callback = judging(false, make_official), flags = ALWAYS,
}
redis.register_function {
  function_name = 'make_official_v2', callback = judging(true, make_official), flags = ALWAYS,
}
redis.register_function {
  function_name = 'withdraw_v1', callback = judging(false, withdraw), flags = ALWAYS,
}
redis.register_function {
  function_name = 'withdraw_v2', callback = judging(true, withdraw), flags = ALWAYS,
}
redis.register_function { function_name = 'pay_v1', callback = pay, flags = ALWAYS }
redis.register_function { function_name = 'freeze_v1', callback = freeze, flags = ALWAYS }
redis.register_function { function_name = 'forget_v1', callback = forget, flags = ALWAYS }
redis.register_function {
  function_name = 'forget_wallet_v1', callback = forget_wallet, flags = ALWAYS,
}
redis.register_function { function_name = 'open_gate_v1', callback = open_gate, flags = ALWAYS }
redis.register_function {
  function_name = 'open_gate_v2', callback = open_gate_with, flags = ALWAYS,
}
redis.register_function { function_name = 'begin_look_v1', callback = begin_look, flags = ALWAYS }
redis.register_function { function_name = 'shut_gate_v1', callback = shut_gate, flags = ALWAYS }
redis.register_function('start_epoch_v1', start_epoch)
redis.register_function { function_name = 'gate_v1', callback = gate, flags = { 'no-writes' } }
redis.register_function {
  function_name = 'gate_v2', callback = gate_and_reason, flags = { 'no-writes' },
}
redis.register_function { function_name = 'look_v1', callback = read, flags = { 'no-writes' } }
