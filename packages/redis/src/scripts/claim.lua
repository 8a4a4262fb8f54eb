-- Takes the presenter's place when it is free: no room, an ended one, or a claim that never went live in time. The
-- session that has the place already builds its media anew, with everybody still in the room.
-- keys: room, sessions, eventLog   args: session, node, epoch, speech, grants, claimMs, eventChannel,
--   feedChannel, afterglowMs, transcriptMs, chatKept
-- returns {status = 'claimed', generation, isAnew, sessions} | {status = 'presenter-exists', isAbsent} | {status = 'fenced'}
--       | {status = 'banned'} | {status = 'room-not-open', retryAfterMs}

local room = readRoom()
local isAnew = room.presenter == args.session
if isAnew then
  if not attached() then return { status = 'fenced' } end
else
  if room.state == 'live' or (room.state == 'starting' and not room.isClaimOver) then
    local holder = readSession(room.presenter or '')
    return { status = 'presenter-exists', isAbsent = not holder or holder.detachedAtMs ~= null }
  end
  local bar = barOf(args.session, args.grants.identity)
  if bar and bar.isBanned then return { status = 'banned' } end
  local opensInMs = (tonumber(optionsOf().opensAtMs) or 0) - nowMs()
  if opensInMs > 0 then return { status = 'room-not-open', retryAfterMs = opensInMs } end
  if room.state == 'starting' then endRoom(room) end
  beginOpening(room.generation + 1)
  takeOptions(args.grants)
  writeSession(args.session, newSession('presenter'))
end

local generation = math.max(room.generation + 1, nowMs())
if not room.isKnown then writeSeq(room.seq) end
redis.call('HDEL', keys.room, 'source', 'slots', 'seats')
redis.call('HSET', keys.room, 'state', 'starting', 'generation', string.format('%d', generation), 'presenter', args.session,
  'claimedUntilMs', nowMs() + args.claimMs)
redis.call('PERSIST', keys.room)
redis.call('PERSIST', keys.eventLog)
if not isAnew then tellOfSession('presenter-joined', generation, args.session, args) end
return { status = 'claimed', generation = generation, isAnew = isAnew, sessions = redis.call('HLEN', keys.sessions) }
