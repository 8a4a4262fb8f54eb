-- A server refused an endpoint for want of resources: it can bear no more than it has now.
-- keys, args: lib-pool.lua   args: server
-- returns {status = 'limited', limit} | {status = 'unknown'}

local server = readServer(args.server)
if not server then return { status = 'unknown' } end
local has = server.load and server.load.endpoints or server.reserved - 1
server.limit = math.max(1, math.min(capacityOf(server), has))
server.limitAtMs = now
writeServer(args.server, server)
changed()
return { status = 'limited', limit = server.limit }
