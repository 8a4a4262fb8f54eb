-- Begins a turn at a lane; whatever turn there was is over.
-- keys: outbox, lanes   args: receiver, receivers?, turn, limit
-- returns {failures, entries = {{place, {field, value, ...}}, ...}}

local lane = readLane() or { cursor = '0-0', failures = 0 }
lane.turn = args.turn
writeLane(lane)
local entries = redis.call('XRANGE', keys.outbox, '(' .. lane.cursor, '+', 'COUNT', args.limit)
trim()
return { failures = lane.failures, entries = entries }
