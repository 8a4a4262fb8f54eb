-- No new rooms on a server, with a deadline for those that are there; or, without one, new rooms again.
-- keys, args: lib-pool.lua, lib-pool-servers.lua   args: server, drainMs?, isRemoval?
-- returns {status = 'done', state} | {status = 'unknown'}

local server = readServer(args.server)
if not server then return { status = 'unknown' } end
server.drain = args.drainMs and { deadlineMs = now + args.drainMs, isRemoval = args.isRemoval } or nil
writeServer(args.server, server)
changed()
return { status = 'done', state = stateOf(args.server, server) }
