-- Takes a server out at once; its rooms are lost. One that an operator removes stays removed.
-- keys, args: lib-pool.lua, lib-pool-servers.lua   args: server, source
-- returns {status = 'done', state = 'drained'} | {status = 'unknown'}

if args.source == 'admin' then redis.call('SADD', keys.removed, args.server) end
local server = readServer(args.server)
if not server then return { status = 'unknown' } end
forget(args.server, server)
return { status = 'done', state = 'drained' }
