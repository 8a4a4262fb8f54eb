-- Renews a node's lease. 'begun' when it was over, or the node was taken for dead since the last beat.
-- keys: leases, doubted, addresses   args: node, leaseMs, address?
-- returns {status = 'renewed'} | {status = 'begun'}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local untilMs = redis.call('ZSCORE', keys.leases, args.node)
local isHeld = untilMs and tonumber(untilMs) > nowMs
local wasDoubted = redis.call('SREM', keys.doubted, args.node) == 1
redis.call('ZADD', keys.leases, nowMs + args.leaseMs, args.node)
if args.address then redis.call('HSET', keys.addresses, args.node, args.address) end
return { status = (isHeld and not wasDoubted) and 'renewed' or 'begun' }
