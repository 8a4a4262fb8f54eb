-- How one who watches finds the servers, and what follows from what all who can speak say:
-- packages/core/src/domain/server-health.ts is the policy, the contract suite holds this to it. What it costs grows
-- with the sightings given and the servers that are not settled, not with the servers there are.
-- keys, args: lib-pool.lua, lib-pool-servers.lua
-- args: observer, leaseMs, sightings = {{server, isReachable, isWarm, serverId?, load?}, ...}, warmUpMs,
--       salt, confirmMs, flapMs, quarantineMs, maxQuarantineMs, doubtMs
-- returns {isNew, warmUp = {url, ...}, version, birth}

local untilMs = redis.call('ZSCORE', keys.observers, args.observer)
local isNew = not untilMs or tonumber(untilMs) <= now
redis.call('ZADD', keys.observers, now + args.leaseMs, args.observer)
-- Of those who went long ago nothing is kept.
redis.call('ZREMRANGEBYSCORE', keys.observers, '-inf', now - 3600000)

-- When nobody has spoken for a lease, the store was out of reach for all: who is back first may be the one who is cut off.
local observedAtMs = tonumber(redis.call('HGET', keys.totals, 'observedAtMs') or now)
if args.leaseMs > 0 and now - observedAtMs > args.leaseMs then
  redis.call('HSET', keys.totals, 'calmUntilMs', now + 2 * args.leaseMs)
end
redis.call('HSET', keys.totals, 'observedAtMs', now)
local isCalm = now >= tonumber(redis.call('HGET', keys.totals, 'calmUntilMs') or '0')

local function enter(server, health)
  server.health, server.sinceMs = health, now
  server.quarantinedUntilMs, server.warmingUntilMs = nil, nil
  if health == 'quarantined' then
    local forMs = args.quarantineMs * 2 ^ math.max(0, server.deaths - 2)
    server.quarantinedUntilMs = now + math.min(args.maxQuarantineMs, forMs)
  end
  return true
end

local function die(url, server)
  lose(url, server)
  local isAgain = server.deaths > 0 and now - server.diedAtMs < args.flapMs
  server.deaths, server.diedAtMs = isAgain and server.deaths + 1 or 1, now
  return enter(server, 'down')
end

-- Another identity at the same address is another server.
local function meet(url, server, serverId)
  if server.serverId == serverId then return false end
  if server.serverId then
    server.formerIds[server.serverId] = now
    for id, atMs in pairs(server.formerIds) do
      if now - atMs > 600000 then server.formerIds[id] = nil end
    end
    local isAlreadyLost = server.health == 'down' or server.health == 'quarantined'
    if not isAlreadyLost and (server.health ~= 'joining' or server.reserved > 0) then die(url, server) end
  end
  server.serverId = serverId
  return true
end

local function nextHealth(server, all)
  local health = server.health
  if all.count == 0 then return health end
  if health == 'joining' then return all.isWarm and 'up' or 'joining' end
  if health == 'up' then return all.isSeen and 'up' or 'suspect' end
  if health == 'suspect' then
    if all.isSeen then return 'up' end
    return now - server.sinceMs >= args.confirmMs and isCalm and 'down' or 'suspect'
  end
  if health == 'down' then
    if not all.isSeen then return 'down' end
    return server.deaths > 1 and 'quarantined' or 'joining'
  end
  if not all.isSeen then return 'down' end
  return now >= server.quarantinedUntilMs and 'joining' or 'quarantined'
end

-- What those who can speak say of it. Who speaks of a former identity has not noticed yet that it is gone.
local function summary(url, server)
  local all = { count = 0, isSeen = false, isWarm = false, isLostToSome = false }
  local flat = redis.call('HGETALL', args.sightingPrefix .. url)
  for i = 1, #flat, 2 do
    local speaksUntilMs = tonumber(redis.call('ZSCORE', keys.observers, flat[i]) or '0')
    if speaksUntilMs > now then
      local seen = cjson.decode(flat[i + 1])
      local isThisOne = seen.serverId == server.serverId
      all.count = all.count + 1
      all.isSeen = all.isSeen or (seen.isReachable and isThisOne)
      all.isWarm = all.isWarm or (seen.isReachable and seen.isWarm and isThisOne)
      all.isLostToSome = all.isLostToSome or not seen.isReachable
    elseif speaksUntilMs == 0 then
      redis.call('HDEL', args.sightingPrefix .. url, flat[i])
    end
  end
  return all
end

local warmUp = {}

local function judge(url, server, own)
  local all = summary(url, server)
  local health = nextHealth(server, all)
  local isChanged = false
  if health ~= server.health then
    if health == 'down' and server.health == 'suspect' then isChanged = die(url, server)
    else isChanged = enter(server, health) end
  end
  local mayWarm = server.health == 'joining' and own and own.isReachable and not own.isWarm
  local isWarming = (server.warmingUntilMs or 0) > now
  if mayWarm and not isWarming then
    server.warmingUntilMs = now + args.warmUpMs
    table.insert(warmUp, url)
  end
  local isSettled = server.health == 'down' or (server.health == 'up' and not all.isLostToSome)
  redis.call(isSettled and 'SREM' or 'SADD', keys.unsettled, url)
  return isChanged or (mayWarm and not isWarming)
end

local isAnyChanged, judged = false, {}
for _, given in ipairs(args.sightings) do
  local url = given.server
  local server = readServer(url)
  if server then
    local isChanged = false
    if given.isReachable and given.serverId and not server.formerIds[given.serverId] then
      isChanged = meet(url, server, given.serverId)
    end
    local own = { isReachable = given.isReachable, isWarm = given.isWarm, serverId = given.serverId }
    redis.call('HSET', args.sightingPrefix .. url, args.observer, cjson.encode(own))
    local isReported = given.load and given.serverId == server.serverId
    if isReported then
      server.load, server.reservedAtLoad = given.load, server.reserved
      if server.limit and now - (server.limitAtMs or 0) >= args.doubtMs then
        local raised = server.limit + math.max(1, math.floor(server.capacity / 10))
        server.limit, server.limitAtMs = raised < server.capacity and raised or nil, now
      end
    end
    isChanged = judge(url, server, own) or isChanged
    if isChanged or isReported then writeServer(url, server) end
    isAnyChanged = isAnyChanged or isChanged
    judged[url] = true
  end
end
for _, url in ipairs(redis.call('SMEMBERS', keys.unsettled)) do
  if not judged[url] then
    local server = readServer(url)
    local json = redis.call('HGET', args.sightingPrefix .. url, args.observer)
    if not server then redis.call('SREM', keys.unsettled, url)
    elseif judge(url, server, json and cjson.decode(json)) then
      writeServer(url, server)
      isAnyChanged = true
    end
  end
end
if isAnyChanged then changed() end
redis.call('HSETNX', keys.totals, 'birth', args.salt)
return { isNew = isNew, warmUp = warmUp, version = redis.call('HGET', keys.totals, 'version') or '0',
  birth = redis.call('HGET', keys.totals, 'birth') }
