-- Shared by the scripts that change servers. More keys:
-- keys.observers     sorted set: who watches -> Unix ms until which it can speak
-- keys.unsettled     set of servers that time alone may change: joining, suspect, quarantined, or lost to somebody
-- keys.removed       set of servers that an operator removed
-- args.sightingPrefix  before a server's url: hash observer -> JSON {isReachable, isWarm, serverId}

local function placedKey(url) return args.placedPrefix .. url end

-- What was on it is gone, and its rooms are lost; whatever comes at its address is another.
local function lose(url, server)
  local placed = placedKey(url)
  if redis.call('EXISTS', placed) == 1 then
    redis.call('ZUNIONSTORE', keys.lost, 2, keys.lost, placed, 'AGGREGATE', 'MAX')
    redis.call('UNLINK', placed)
  end
  server.incarnation = newIncarnation()
  server.reserved, server.recent, server.reservedAtLoad = 0, 0, 0
  server.load = nil
end

local function forget(url, server)
  lose(url, server)
  server.health = 'down'
  writeServer(url, server)
  redis.call('HDEL', keys.servers, url)
  redis.call('UNLINK', args.sightingPrefix .. url)
  redis.call('SREM', keys.unsettled, url)
  changed()
end

local function hasSource(server)
  return next(server.sources) ~= nil
end

local function roomsOn(url)
  return redis.call('ZCARD', placedKey(url))
end

local function stateOf(url, server)
  if server.drain and roomsOn(url) == 0 then return 'drained' end
  if server.drain and server.health == 'up' then return 'draining' end
  return server.health
end
