-- Renews a node's lease.
-- keys: leases, addresses   args: node, leaseMs, address?
-- returns {status = 'renewed'}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', keys.leases, nowMs + args.leaseMs, args.node)
if args.address then redis.call('HSET', keys.addresses, args.node, args.address) end
return { status = 'renewed' }
