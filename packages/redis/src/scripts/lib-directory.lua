-- Shared by the scripts of the directory.
--
-- keys.cards  hash: room -> JSON of its card, with the words it is found by; or {opening, isGone} of one that is over
-- keys.ranks  sorted set: room -> viewers
-- keys.words  sorted set, by name: word\0room
-- keys.gone   sorted set: room that is over -> Unix ms at which that is forgotten

local null = cjson.null

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function cardOf()
  local json = redis.call('HGET', keys.cards, args.room)
  return json and cjson.decode(json) or nil
end

-- An opening begins with its time.
local function isLater(one, other)
  local a, b = tonumber(string.match(one, '^%d+')), tonumber(string.match(other, '^%d+'))
  if a == b then return one > other end
  return a > b
end

local function drop(card)
  redis.call('HDEL', keys.cards, args.room)
  redis.call('ZREM', keys.ranks, args.room)
  for _, word in ipairs(card.words or {}) do redis.call('ZREM', keys.words, word .. '\0' .. args.room) end
end
