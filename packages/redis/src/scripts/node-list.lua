-- keys: leases   args: none
-- returns {live = {node, ...}, expired = {node, ...}}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
return {
  live = redis.call('ZRANGE', keys.leases, '(' .. nowMs, '+inf', 'BYSCORE'),
  expired = redis.call('ZRANGE', keys.leases, '-inf', nowMs, 'BYSCORE'),
}
