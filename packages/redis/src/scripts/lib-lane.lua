-- Shared by the scripts of lanes: how far a receiver has been told of a room, and whose turn it is to tell it.
--
-- keys.outbox  stream: see lib-outbox.lua. Fields: told; level: since; sent again: only, id, at
-- keys.lanes   hash: receiver -> JSON {cursor, turn, failures}; goes with the outbox
-- args.receivers  everyone who must have been told before an entry goes; nothing while that is not known

local outboxMs = 691200000

local function readLane()
  local json = redis.call('HGET', keys.lanes, args.receiver)
  return json and cjson.decode(json) or nil
end

local function writeLane(lane)
  redis.call('HSET', keys.lanes, args.receiver, cjson.encode(lane))
  redis.call('PEXPIRE', keys.lanes, outboxMs)
end

local function split(place)
  local ms, n = string.match(place, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(n)
end

local function isBefore(a, b)
  local aMs, aN = split(a)
  local bMs, bN = split(b)
  return aMs < bMs or (aMs == bMs and aN < bN)
end

-- Entries that everyone has passed go, and with the last one all trace of the outbox.
local function trim()
  if args.receivers then
    local passed
    for _, receiver in ipairs(args.receivers) do
      local json = redis.call('HGET', keys.lanes, receiver)
      local cursor = json and cjson.decode(json).cursor or '0-0'
      if not passed or isBefore(cursor, passed) then passed = cursor end
    end
    if passed and passed ~= '0-0' then
      local ms, n = split(passed)
      redis.call('XTRIM', keys.outbox, 'MINID', '=', string.format('%d-%d', ms, n + 1))
    end
  end
  if redis.call('XLEN', keys.outbox) == 0 then redis.call('UNLINK', keys.outbox, keys.lanes) end
end
