-- Renews a node's lease.
-- keys: leases   args: node, leaseMs
-- returns {status = 'renewed'}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', keys.leases, nowMs + args.leaseMs, args.node)
return { status = 'renewed' }
