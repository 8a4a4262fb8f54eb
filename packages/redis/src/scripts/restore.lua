-- Puts back a session, and the broadcast it belongs to, after Redis came back empty. What is newer stays: generations
-- only grow, so a broadcast that began since then is newer than every one that is put back. Of two that are put back
-- the newer one's media is the room's.
-- keys: room, sessions, eventLog   args: session, record, source, seq, slots, inboxPrefix
-- returns {status = 'restored'} | {status = 'fenced'} | {status = 'superseded'}

local record, media = args.record, args.record.media
if media == null then return { status = 'fenced' } end
local room = readRoom()
local isOpen = room.state ~= 'ended'
local isNewer = not room.isKnown or room.generation < media.generation
local isSame = room.state == 'live' and room.generation == media.generation and room.pipeline == media.pipeline
if not isSame and not (isNewer and room.state ~= 'starting') then return { status = 'fenced' } end

local known = readSession(args.session)
if known and (known.epoch > record.epoch or known.epoch == record.epoch and known.node ~= record.node) then
  return { status = 'superseded' }
end

if not isSame then
  redis.call('HSET', keys.room, 'state', 'live', 'generation', string.format('%d', media.generation),
    'server', media.server, 'pipeline', media.pipeline, 'slots', args.slots)
  redis.call('HDEL', keys.room, 'claimedUntilMs', 'source')
  redis.call('PERSIST', keys.room)
  -- The chat's log is lost: another one begins.
  if not (isOpen and room.opening) then
    beginOpening(media.generation)
    redis.call('HSET', keys.room, 'startedAtMs', nowMs())
  end
elseif args.slots > tonumber(room.slots) then
  redis.call('HSET', keys.room, 'slots', args.slots)
end
if not isOpen or args.seq > room.seq then writeSeq(math.max(room.seq, args.seq, nowMs())) end
if args.source ~= null then redis.call('HSET', keys.room, 'source', args.source) end
if record.role == 'presenter' then
  redis.call('HSET', keys.room, 'presenter', args.session)
  -- What the admin API said of the room is lost, what the token says is not. Its time begins anew.
  if room.presenter ~= args.session then
    takeOptions(record.grants)
    local maxDurationMs = tonumber(redis.call('HGET', keys.room, 'maxDurationMs'))
    if maxDurationMs then redis.call('HSETNX', keys.room, 'endsAtMs', string.format('%d', nowMs() + maxDurationMs)) end
  end
end
record.seat = media.generation
writeSession(args.session, record)
redis.call('HSET', keys.room, 'seats', redis.call('HLEN', keys.sessions))
if known and known.epoch < record.epoch and known.node ~= record.node then
  redis.call('PUBLISH', args.inboxPrefix .. known.node, cjson.encode({ v = 1, type = 'superseded', room = args.room,
    session = args.session, epoch = record.epoch }))
end
return { status = 'restored' }
