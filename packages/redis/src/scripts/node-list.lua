-- keys: leases, addresses   args: none
-- returns {live = {node, ...}, expired = {node, ...}, addresses = {address of a living node, ...}}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local live = redis.call('ZRANGE', keys.leases, '(' .. nowMs, '+inf', 'BYSCORE')
local addresses = {}
for _, node in ipairs(live) do
  local address = redis.call('HGET', keys.addresses, node)
  if address then table.insert(addresses, address) end
end
return { live = live, expired = redis.call('ZRANGE', keys.leases, '-inf', nowMs, 'BYSCORE'), addresses = addresses }
