-- Every server, with the rooms on it and how those who can speak find it.
-- keys, args: lib-pool.lua, lib-pool-servers.lua
-- returns {version, servers = {{url, state, rooms, reachable, lost, and what is kept of it}, ...}}

expire()
local list = {}
local flat = redis.call('HGETALL', keys.servers)
for i = 1, #flat, 2 do
  local url, server = flat[i], cjson.decode(flat[i + 1])
  local reachable, lost = 0, 0
  local seen = redis.call('HGETALL', args.sightingPrefix .. url)
  for j = 1, #seen, 2 do
    local untilMs = redis.call('ZSCORE', keys.observers, seen[j])
    if untilMs and tonumber(untilMs) > now then
      if cjson.decode(seen[j + 1]).isReachable then reachable = reachable + 1 else lost = lost + 1 end
    end
  end
  server.url, server.state, server.rooms = url, stateOf(url, server), roomsOn(url)
  server.reachable, server.lost = reachable, lost
  table.insert(list, server)
end
return { version = redis.call('HGET', keys.totals, 'version') or '0', servers = list }
