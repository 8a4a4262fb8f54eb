-- Shared by the pool scripts: servers, what is promised on them, and the books between the two.
--
-- keys.servers       hash: url -> JSON of a server (packages/core/src/domain/media-server.ts, absent where null)
-- keys.reservations  hash: room -> JSON {generation, server, incarnation, slots, isPlanned?, require?, former?}
-- keys.unkept        sorted set: room -> Unix ms at which its promise expires
-- keys.open          sorted set: server that takes new rooms and has room -> its load when it was last counted
-- keys.lost          sorted set: room whose server was lost -> slots it had
-- keys.totals        hash: free (slots of open servers), incarnation (the last one given), version (of the servers),
--                    birth, observedAtMs, calmUntilMs (servers-observe.lua)
-- args.placedPrefix  before a server's url: sorted set of the rooms with a promise on it -> their slots
-- args.labelPrefix   before name=value: like keys.open, of the servers with that label
-- args.changes       channel that is told of the version

local rampMs = 10000

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local now = nowMs()

local function read(hash, field)
  local value = redis.call('HGET', hash, field)
  return value and cjson.decode(value) or nil
end

local function newIncarnation()
  return redis.call('HINCRBY', keys.totals, 'incarnation', 1)
end

local function changed()
  redis.call('PUBLISH', args.changes, redis.call('HINCRBY', keys.totals, 'version', 1))
end

local function newServer()
  return { health = 'joining', sinceMs = now, incarnation = newIncarnation(), capacity = 0, reserved = 0, recent = 0,
    recentAtMs = now, reservedAtLoad = 0, labels = {}, sources = {}, formerIds = {}, deaths = 0, diedAtMs = 0 }
end

-- domain/media-server.ts and domain/placement.ts say what these mean.
local function capacityOf(server)
  return server.limit and math.min(server.capacity, server.limit) or server.capacity
end

local function freeSlots(server)
  if server.health ~= 'up' or server.drain then return 0 end
  return math.max(0, capacityOf(server) - server.reserved)
end

local function rampOf(server)
  return server.recent * math.max(0, 1 - math.max(0, now - server.recentAtMs) / rampMs)
end

local function loadOf(server)
  local load = server.load or {}
  local since = math.max(0, server.reserved - server.reservedAtLoad)
  local occupied = math.max(server.reserved, (load.endpoints or 0) + since)
  local bySlots = (occupied + rampOf(server)) / capacityOf(server)
  return math.max(bySlots, load.cpu and load.cpu > 0 and load.cpu + since / capacityOf(server) or 0)
end

local function labelKeys(server)
  local found = {}
  for name, value in pairs(server.labels) do table.insert(found, args.labelPrefix .. name .. '=' .. value) end
  return found
end

local function readServer(url)
  return read(keys.servers, url)
end

-- Every write of a server also puts it where placement looks for it.
local function writeServer(url, server)
  local free = freeSlots(server)
  redis.call('HINCRBY', keys.totals, 'free', free - (server.countedFree or 0))
  server.countedFree = free
  local indexes = labelKeys(server)
  table.insert(indexes, keys.open)
  local load = free > 0 and loadOf(server)
  for _, index in ipairs(indexes) do
    if load then redis.call('ZADD', index, load, url) else redis.call('ZREM', index, url) end
  end
  redis.call('HSET', keys.servers, url, cjson.encode(server))
end

local function partsOf(held)
  if not held then return {} end
  return held.former and { held, held.former } or { held }
end

local function isAlive(part)
  local server = part and readServer(part.server)
  return server and server.incarnation == part.incarnation or false
end

local function living(part)
  if not part or not isAlive(part) then return nil end
  return { generation = part.generation, server = part.server, incarnation = part.incarnation, slots = part.slots }
end

-- The one place where promises change: keeps the servers' `reserved`, the placed sets and `lost` true.
-- `expiresAtMs`: false once it is kept, nil to leave that as it is.
local function replace(room, before, after, expiresAtMs)
  local change, total = {}, {}
  for _, part in ipairs(partsOf(before)) do
    local id = part.server .. ' ' .. part.incarnation
    change[id] = { part = part, slots = -part.slots + (change[id] and change[id].slots or 0) }
  end
  for _, part in ipairs(partsOf(after)) do
    local id = part.server .. ' ' .. part.incarnation
    change[id] = { part = part, slots = part.slots + (change[id] and change[id].slots or 0) }
    total[id] = part.slots + (total[id] or 0)
  end
  for id, entry in pairs(change) do
    local part = entry.part
    local server = readServer(part.server)
    if server and server.incarnation == part.incarnation then
      server.reserved = server.reserved + entry.slots
      writeServer(part.server, server)
      local placed = args.placedPrefix .. part.server
      if total[id] then redis.call('ZADD', placed, total[id], room) else redis.call('ZREM', placed, room) end
      -- Its last room has left a server that was to be emptied.
      if server.drain and redis.call('EXISTS', placed) == 0 then changed() end
    end
  end
  if after then redis.call('HSET', keys.reservations, room, cjson.encode(after))
  else redis.call('HDEL', keys.reservations, room) end
  if not after or expiresAtMs == false then redis.call('ZREM', keys.unkept, room)
  elseif expiresAtMs then redis.call('ZADD', keys.unkept, expiresAtMs, room) end
  if not after or isAlive(after) then redis.call('ZREM', keys.lost, room) end
end

-- A few at a time: every caller pays for the clearing of at most ten dead ones. A move that did not happen leaves
-- what played before.
local function expire()
  for _, room in ipairs(redis.call('ZRANGE', keys.unkept, '-inf', now, 'BYSCORE', 'LIMIT', 0, 10)) do
    local held = read(keys.reservations, room)
    if held then replace(room, held, held.former, false) else redis.call('ZREM', keys.unkept, room) end
  end
end

-- Slots that a room may take beyond its presenter's: every lost room's presenter comes first.
local function spareSlots()
  local free = tonumber(redis.call('HGET', keys.totals, 'free') or '0')
  return math.max(0, free - redis.call('ZCARD', keys.lost))
end

-- Towards `slots`, as far as the server of that generation reaches.
local function raise(room, held, generation, slots)
  local part
  if held and held.generation == generation and not held.isPlanned then part = held
  elseif held and held.former and held.former.generation == generation then part = held.former end
  if not part then return { status = 'superseded' } end
  local server = readServer(part.server)
  local free = server and server.incarnation == part.incarnation and capacityOf(server) - server.reserved or 0
  local more = math.max(0, math.min(slots - part.slots, free, spareSlots()))
  if more > 0 then
    local before = cjson.decode(cjson.encode(held))
    part.slots = part.slots + more
    replace(room, before, held)
  end
  return { status = 'reserved', server = part.server, slots = part.slots }
end
