#!lua name=ringside_limits_v1
-- Rates, kept on the live instance. A key is one subject under one rate and holds a moment in
-- microseconds: when its allowance would be whole again (GCRA). It expires at that moment.

-- Admit once under every rate named, or under none.
--   keys  one for each rate
--   args  cost, then for each key: interval_us (between two), burst (how many at once)
-- Returns 0 when admitted, else the microseconds to wait. A cost of 0 asks without taking.
local function admit(keys, args)
  local clock = redis.call("TIME")
  local now_us = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
  local cost = tonumber(args[1])
  local wait_us = 0
  local next_us = {}
  for i, key in ipairs(keys) do
    local interval_us, burst = tonumber(args[2 * i]), tonumber(args[2 * i + 1])
    local whole_us = math.max(now_us, tonumber(redis.call("GET", key) or 0))
    -- Asking without taking looks at what taking one would find.
    local earliest_us = whole_us + interval_us * math.max(cost, 1) - interval_us * burst
    wait_us = math.max(wait_us, earliest_us - now_us)
    next_us[i] = whole_us + interval_us * cost
  end
  if wait_us > 0 then return wait_us end
  if cost == 0 then return 0 end
  for i, key in ipairs(keys) do
    local life_ms = math.max(1, math.ceil((next_us[i] - now_us) / 1000))
    redis.call("SET", key, string.format("%.0f", next_us[i]), "PX", life_ms)
  end
  return 0
end

-- Give back acts that were admitted: as if they had never been.
--   keys  one for each rate
--   args  cost, then for each key: interval_us
local function give_back(keys, args)
  local clock = redis.call("TIME")
  local now_us = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
  for i, key in ipairs(keys) do
    local whole_us = tonumber(redis.call("GET", key) or 0) - tonumber(args[i + 1]) * tonumber(args[1])
    local life_ms = math.ceil((whole_us - now_us) / 1000)
    if life_ms > 0 then
      redis.call("SET", key, string.format("%.0f", whole_us), "PX", life_ms)
    else
      redis.call("DEL", key)
    end
  end
  return 0
end

redis.register_function("admit_v1", admit)
redis.register_function("give_back_v1", give_back)
