-- Puts back a session, and the broadcast it belongs to, after Redis came back empty. What is newer stays: a broadcast
-- that began or ended since then may have any generation, for these were counted from the start again.
-- keys: room, sessions, eventLog   args: session, record, source, seq, slots
-- returns {status = 'restored'} | {status = 'fenced'}

local record, media = args.record, args.record.media
local room = readRoom()
if media == null then return { status = 'fenced' } end
local isOpen = room.state ~= 'ended'
local isSame = room.state == 'live' and room.generation == media.generation and room.pipeline == media.pipeline
if isOpen and not isSame or not isOpen and room.generation >= media.generation then return { status = 'fenced' } end
if not isOpen then
  redis.call('HSET', keys.room, 'state', 'live', 'generation', media.generation, 'seq', math.max(room.seq, args.seq),
    'server', media.server, 'pipeline', media.pipeline, 'slots', args.slots)
  redis.call('HDEL', keys.room, 'claimedUntilMs')
  redis.call('PERSIST', keys.room)
elseif args.slots > tonumber(room.slots) then
  redis.call('HSET', keys.room, 'slots', args.slots)
end
if args.source ~= null then redis.call('HSET', keys.room, 'source', args.source) end
if record.role == 'presenter' then redis.call('HSET', keys.room, 'presenter', args.session) end
local known = readSession(args.session)
if not known or known.epoch < record.epoch then writeSession(args.session, record) end
return { status = 'restored' }
