-- Promises endpoints to a broadcast: the least loaded server at first, then growing on that one.
-- keys: servers, reservations, unkept   args: room, generation, slots, mayBegin, reservationMs
-- returns {status = 'reserved', server, slots} | {status = 'pool-full'} | {status = 'superseded'}

expire()
local held = read(keys.reservations, args.room)
if held and held.generation > args.generation then return { status = 'superseded' } end
if not args.mayBegin and (not held or held.generation < args.generation) then return { status = 'superseded' } end
if held and held.generation < args.generation then
  drop(args.room, held)
  held = nil
end

local function grow(server)
  local more = math.max(0, math.min(args.slots - held.slots, server.capacity - server.reserved))
  held.slots = held.slots + more
  server.reserved = server.reserved + more
  write(keys.servers, held.server, server)
  write(keys.reservations, args.room, held)
  return { status = 'reserved', server = held.server, slots = held.slots }
end

if held then
  local server = read(keys.servers, held.server)
  if not server then return { status = 'reserved', server = held.server, slots = held.slots } end
  return grow(server)
end

local bestUrl, best
local servers = redis.call('HGETALL', keys.servers)
for i = 1, #servers, 2 do
  local url, server = servers[i], cjson.decode(servers[i + 1])
  if server.reserved < server.capacity then
    local load, bestLoad = server.reserved / server.capacity, best and best.reserved / best.capacity
    if not best or load < bestLoad or (load == bestLoad and url < bestUrl) then bestUrl, best = url, server end
  end
end
if not best then return { status = 'pool-full' } end

held = { generation = args.generation, server = bestUrl, slots = 0 }
redis.call('ZADD', keys.unkept, nowMs() + args.reservationMs, args.room)
return grow(best)
