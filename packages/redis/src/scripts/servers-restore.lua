-- Puts back what a Redis that came back empty has forgotten of its servers. Nothing known is overwritten.
-- keys, args: lib-pool.lua, lib-pool-servers.lua
-- args: servers = {{url, capacity, labels, sources = {name = true}, drain?, limit?}, ...}
-- returns {status = 'restored'}

for _, given in ipairs(args.servers) do
  local server = readServer(given.url) or newServer()
  if not hasSource(server) and redis.call('SISMEMBER', keys.removed, given.url) == 0 then
    server.capacity, server.labels, server.sources = given.capacity, given.labels, given.sources
    server.drain, server.limit, server.limitAtMs = given.drain, given.limit, now
    redis.call('SADD', keys.unsettled, given.url)
    writeServer(given.url, server)
  end
end
changed()
return { status = 'restored' }
