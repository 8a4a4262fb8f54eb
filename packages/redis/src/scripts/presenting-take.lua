-- An identity presents in a room, if it does not in too many others.
-- keys: presenting   args: room, max, ttlMs
-- returns {isTaken}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', keys.presenting, '-inf', nowMs)
if not redis.call('ZSCORE', keys.presenting, args.room) and redis.call('ZCARD', keys.presenting) >= args.max then
  return { isTaken = false }
end
redis.call('ZADD', keys.presenting, nowMs + args.ttlMs, args.room)
redis.call('PEXPIRE', keys.presenting, args.ttlMs, 'NX')
redis.call('PEXPIRE', keys.presenting, args.ttlMs, 'GT')
return { isTaken = true }
