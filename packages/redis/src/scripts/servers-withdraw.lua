-- One source names a server no more. One that nobody names is drained and leaves; one that is lost is forgotten.
-- keys, args: lib-pool.lua, lib-pool-servers.lua   args: source, server, drainMs
-- returns {status = 'kept'} | {status = 'draining'} | {status = 'forgotten'} | {status = 'unknown'}

local server = readServer(args.server)
if not server or not server.sources[args.source] then return { status = 'unknown' } end
server.sources[args.source] = nil
if hasSource(server) then
  writeServer(args.server, server)
  return { status = 'kept' }
end
if server.health == 'up' or server.health == 'suspect' then
  server.drain = { deadlineMs = now + args.drainMs, isRemoval = true }
  writeServer(args.server, server)
  changed()
  return { status = 'draining' }
end
forget(args.server, server)
return { status = 'forgotten' }
