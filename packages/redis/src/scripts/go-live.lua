-- Publishes the presenter's media, who has its socket: its node lives. Fenced when its claim or its attachment does not hold any more;
-- unknown when the session does not exist.
-- keys: room, sessions, eventLog
-- args: session, epoch, generation, server, pipeline, endpoint, slots, eventChannel
-- returns {status = 'live', seq, previous = {server, pipeline}|null, hasFormer} | {status = 'fenced'} | {status = 'unknown'}

local room = readRoom()
-- It has been done, and is asked for again: nothing is told twice.
if room.state == 'live' and room.generation == args.generation and room.source == args.endpoint and attached() then
  return { status = 'live', seq = room.seq, previous = null, hasFormer = room.formerServer ~= nil }
end
if not readSession(args.session) then return { status = 'unknown' } end
local session = attached()
if room.state ~= 'starting' or room.generation ~= args.generation or room.presenter ~= args.session or not session then
  return { status = 'fenced' }
end
session.media = { generation = args.generation, server = args.server, pipeline = args.pipeline, endpoint = args.endpoint }
session.detachedAtMs = null
session.seat = args.generation
writeSession(args.session, session)
local previous = mediaOf(room)
local isMoved = room.moving ~= nil and previous ~= null
if isMoved then
  -- What was ordered to move plays on until its viewers have followed; what they had left before that does not.
  previous = formerOf(room) or null
  redis.call('HSET', keys.room, 'formerGeneration', room.moving, 'formerServer', room.server, 'formerPipeline', room.pipeline)
end
redis.call('HDEL', keys.room, 'claimedUntilMs', 'moving')
redis.call('HSET', keys.room, 'state', 'live', 'server', args.server, 'pipeline', args.pipeline,
  'source', args.endpoint, 'slots', args.slots, 'seats', 1)
redis.call('HDEL', keys.room, 'awaySinceMs')
if redis.call('HSETNX', keys.room, 'startedAtMs', nowMs()) == 1 and room.maxDurationMs then
  redis.call('HSET', keys.room, 'endsAtMs', string.format('%d', nowMs() + tonumber(room.maxDurationMs)))
end
local seq = emit('presenter-live', room.generation)
if room.startedAtMs and room.server ~= args.server then
  tell({ type = 'media-moved', generation = room.generation, server = args.server, former = room.server or null })
end
return { status = 'live', seq = seq, previous = previous, hasFormer = isMoved or room.formerServer ~= nil }
