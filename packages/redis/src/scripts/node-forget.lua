-- The rooms of a dead node are cleared. A node that renewed its lease meanwhile keeps them, and learns at its next
-- beat that it was taken for dead.
-- keys: leases, doubted, addresses, served   args: node
-- returns {status = 'forgotten'} | {status = 'alive'}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local untilMs = redis.call('ZSCORE', keys.leases, args.node)
if untilMs and tonumber(untilMs) > nowMs then
  redis.call('SADD', keys.doubted, args.node)
  return { status = 'alive' }
end
redis.call('ZREM', keys.leases, args.node)
redis.call('SREM', keys.doubted, args.node)
redis.call('HDEL', keys.addresses, args.node)
redis.call('UNLINK', keys.served)
return { status = 'forgotten' }
