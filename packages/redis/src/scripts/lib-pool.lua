-- Shared by the pool scripts: servers and what is promised on them.
--
-- keys.servers       hash: url -> {capacity, reserved}
-- keys.reservations  hash: room -> {generation, server, slots}
-- keys.unkept        sorted set: room -> Unix ms at which its reservation expires

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read(hash, field)
  local value = redis.call('HGET', hash, field)
  return value and cjson.decode(value) or nil
end

local function write(hash, field, value)
  redis.call('HSET', hash, field, cjson.encode(value))
end

local function drop(room, held)
  local server = read(keys.servers, held.server)
  if server then
    server.reserved = server.reserved - held.slots
    write(keys.servers, held.server, server)
  end
  redis.call('HDEL', keys.reservations, room)
  redis.call('ZREM', keys.unkept, room)
end

-- A few at a time: every reservation pays for the clearing of at most ten dead ones.
local function expire()
  for _, room in ipairs(redis.call('ZRANGE', keys.unkept, '-inf', nowMs(), 'BYSCORE', 'LIMIT', 0, 10)) do
    local held = read(keys.reservations, room)
    if held then drop(room, held) else redis.call('ZREM', keys.unkept, room) end
  end
end
