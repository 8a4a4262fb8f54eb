-- Publishes the presenter's media, who has its socket: its node lives. Fenced when its claim or its attachment does not hold any more.
-- keys: room, sessions, eventLog
-- args: session, epoch, generation, server, pipeline, endpoint, slots, eventChannel
-- returns {status = 'live', previous = {server, pipeline}|null} | {status = 'fenced'}

local room = readRoom()
local session = attached()
if room.state ~= 'starting' or room.generation ~= args.generation or room.presenter ~= args.session or not session then
  return { status = 'fenced' }
end
session.media = { generation = args.generation, server = args.server, pipeline = args.pipeline, endpoint = args.endpoint }
session.detachedAtMs = null
writeSession(args.session, session)
redis.call('HDEL', keys.room, 'claimedUntilMs')
redis.call('HSET', keys.room, 'state', 'live', 'server', args.server, 'pipeline', args.pipeline,
  'source', args.endpoint, 'slots', args.slots)
emit('presenter-live', room.generation)
return { status = 'live', previous = mediaOf(room) }
