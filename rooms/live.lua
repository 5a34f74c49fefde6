#!lua name=ringside_rooms_v1
-- What rooms keep on the live instance and change in several steps.

-- Note sockets that opened; of each key the newest are kept.
--   keys  for each socket, the sockets of its user in the room
--   args  how long they are kept (s), how many of a user, then for each socket: when, its id
-- Returns a list for each key that had too many: its number, then the ids that were dropped.
local function add_sockets(keys, args)
  local dropped = {}
  for i, key in ipairs(keys) do
    redis.call("ZADD", key, args[2 * i + 1], args[2 * i + 2])
    redis.call("EXPIRE", key, args[1])
    local many = redis.call("ZCARD", key) - tonumber(args[2])
    if many > 0 then
      dropped[#dropped + 1] = {i, unpack(redis.call("ZRANGE", key, 0, many - 1))}
      redis.call("ZREMRANGEBYRANK", key, 0, many - 1)
    end
  end
  return dropped
end

redis.register_function("add_sockets_v1", add_sockets)
