-- Notes that a node serves a room. One that has not renewed its lease yet is given a first one: it may die before it
-- does, and nobody would look for what it left.
-- keys: leases, doubted, addresses, served   args: node, room, firstLeaseMs
-- returns {status = 'entered'}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
-- It may have had one before, and have been cleared away.
if redis.call('ZADD', keys.leases, 'NX', nowMs + args.firstLeaseMs, args.node) == 1 then
  redis.call('SADD', keys.doubted, args.node)
end
redis.call('SADD', keys.served, args.room)
return { status = 'entered' }
