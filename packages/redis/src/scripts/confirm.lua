-- Notes a viewer's media, and that it has its socket: its node lives. Fenced when the session, its attachment, or the broadcast it joined is gone.
-- keys: room, sessions, eventLog   args: session, epoch, media = {generation, server, pipeline, endpoint}
-- returns {status = 'confirmed'} | {status = 'fenced'}

local room = redis.call('HMGET', keys.room, 'state', 'generation')
local session = attached()
if room[1] ~= 'live' or tonumber(room[2]) ~= args.media.generation or not session then return { status = 'fenced' } end
local hasJoined = session.media == null
session.media = args.media
session.detachedAtMs = null
writeSession(args.session, session)
if hasJoined then tellOfSession('viewer-joined', args.media.generation, args.session, session) end
return { status = 'confirmed' }
