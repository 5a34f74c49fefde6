#!lua name=lab
-- What the experiments let a private Redis do inside itself; a running Ringside never loads this.

-- Copy a key with its end and its use, as if time had passed.
--   keys  from, to
--   args  ttl_ms (0: no end), then nothing, or IDLETIME seconds, or FREQ uses
local function copy(keys, args)
  return redis.call('RESTORE', keys[2], args[1], redis.call('DUMP', keys[1]), unpack(args, 2))
end

-- Keep the server busy for a number of rounds, taking a turn before and after.
--   keys  turn (a counter)
--   args  rounds
-- Returns the two turns: they follow each other when nobody got in between.
local function stall(keys, args)
  local before = redis.call('INCR', keys[1])
  local sum = 0
  for round = 1, tonumber(args[1]) do sum = sum + round % 7 end
  return { before, redis.call('INCR', keys[1]), sum }
end

-- Take many turns in one call; returns all of them.
--   keys  turn (a counter)
--   args  times
local function take_turns(keys, args)
  local turns = {}
  for at = 1, tonumber(args[1]) do turns[at] = redis.call('INCR', keys[1]) end
  return turns
end

redis.register_function('lab_copy', copy)
redis.register_function('lab_stall', stall)
redis.register_function('lab_take_turns', take_turns)
