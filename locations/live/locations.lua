#!lua name=ringside_locations_v1
-- Where people are now, in the live Redis. Newest wins: the caller judges a report against the
-- state it knows, and nothing is written when somebody else has written since.

-- A state is kept as "<version>:<packed>"; what is absent has version "0".
local function version_of(state)
  if not state then return "0" end
  return string.match(state, "^(%d+):") or "0"
end

-- Take one report of one user: one or more fixes that were judged already.
--   keys  state, geo, seen, queue (stream for the flusher), counts (hash: reason -> how often)
--   args  user, expected (version), state ("<version>:<packed>"), state_ttl_s,
--         lon and lat ("" when the user is not to be found on the map), seen_ms,
--         queue_max, reasons (how many), the reasons, then the packed fixes for history
-- Returns {"taken", waiting} or {"moved", state now} or {"full", waiting}; the last two write
-- nothing.
local function report(keys, args)
  local state, geo, seen, queue, counts = keys[1], keys[2], keys[3], keys[4], keys[5]
  local user, expected, packed, ttl_s = args[1], args[2], args[3], args[4]
  local lon, lat, seen_ms = args[5], args[6], args[7]
  local queue_max, reasons = tonumber(args[8]), tonumber(args[9])
  local now = redis.call("GET", state)
  if version_of(now) ~= expected then return { "moved", now or "" } end
  local fixes_from = 10 + reasons
  local waiting = redis.call("XLEN", queue)
  if fixes_from <= #args and waiting >= queue_max then return { "full", waiting } end

  redis.call("SET", state, packed, "EX", ttl_s)
  if lon ~= "" then
    redis.call("GEOADD", geo, lon, lat, user)
    redis.call("ZADD", seen, seen_ms, user)
  end
  for i = 10, fixes_from - 1 do redis.call("HINCRBY", counts, args[i], 1) end
  for i = fixes_from, #args do redis.call("XADD", queue, "*", "u", user, "f", args[i]) end
  return { "taken", waiting + #args - fixes_from + 1 }
end

-- Count what leads to nothing else.
--   keys  counts
--   args  reasons
-- Returns {"taken", waiting 0}.
local function count(keys, args)
  for i = 1, #args do redis.call("HINCRBY", keys[1], args[i], 1) end
  return { "taken", 0 }
end

-- Take users off the map who were not seen since a time; at most `most` in one call.
--   keys  geo, seen
--   args  before_ms, most
-- Returns how many went.
local function reap(keys, args)
  local geo, seen = keys[1], keys[2]
  local gone = redis.call("ZRANGEBYSCORE", seen, "-inf", "(" .. args[1], "LIMIT", 0, args[2])
  if #gone > 0 then
    redis.call("ZREM", geo, unpack(gone))
    redis.call("ZREM", seen, unpack(gone))
  end
  return #gone
end

-- Find users near a point who were seen since a time. The engine stops looking once it has enough
-- candidates, so a crowded place costs no more than any other; those who were not seen are left out.
--   keys  geo, seen
--   args  lon, lat, radius_m, since_ms, candidates (at most 6,000 can be unpacked), most
-- Returns {1 when there may be more of them else 0, user, user, ...}, in no order.
local function near(keys, args)
  local geo, seen = keys[1], keys[2]
  local lon, lat, radius_m, since_ms = args[1], args[2], args[3], tonumber(args[4])
  local candidates, most = tonumber(args[5]), tonumber(args[6])
  local found = redis.call("GEOSEARCH", geo, "FROMLONLAT", lon, lat, "BYRADIUS", radius_m, "m",
    "COUNT", candidates, "ANY")
  if #found == 0 then return { 0 } end
  local seen_ms = redis.call("ZMSCORE", seen, unpack(found))

  local answer = { #found == candidates and 1 or 0 }
  for i, user in ipairs(found) do
    if seen_ms[i] and tonumber(seen_ms[i]) >= since_ms then
      if #answer > most then
        answer[1] = 1
        break
      end
      answer[#answer + 1] = user
    end
  end
  return answer
end

redis.register_function("report_location_v1", report)
redis.register_function("count_location_reasons_v1", count)
redis.register_function("reap_locations_v1", reap)
-- Reads only, so it also answers when the engine is full.
redis.register_function { function_name = "near_locations_v1", callback = near, flags = { "no-writes" } }
