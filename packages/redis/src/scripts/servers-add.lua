-- Makes servers known as one source names them, or changes their capacity and labels.
-- keys, args: lib-pool.lua, lib-pool-servers.lua
-- args: source, servers = {{url, capacity?, labels?}, ...}, usualCapacity
-- returns {status = 'added'}

local isChanged = false
for _, given in ipairs(args.servers) do
  if args.source == 'admin' then redis.call('SREM', keys.removed, given.url) end
  if redis.call('SISMEMBER', keys.removed, given.url) == 0 then
    local server = readServer(given.url)
    local before = server and cjson.encode(server)
    if not server then
      server = newServer()
      redis.call('SADD', keys.unsettled, given.url)
    end
    for _, index in ipairs(labelKeys(server)) do redis.call('ZREM', index, given.url) end
    local known = server.capacity > 0 and server.capacity or args.usualCapacity
    server.capacity = given.capacity or known
    server.labels = given.labels or server.labels
    -- It was to leave because nobody named it any more.
    if not hasSource(server) and server.drain and server.drain.isRemoval then server.drain = nil end
    server.sources[args.source] = true
    writeServer(given.url, server)
    if cjson.encode(server) ~= before then isChanged = true end
  end
end
if isChanged then changed() end
return { status = 'added' }
