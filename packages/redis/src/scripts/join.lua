-- Enters a viewer, taking one of the slots that the pool granted to this generation; one that has one keeps it.
-- keys: room, sessions, eventLog   args: session, node, epoch, speech, grants, grantedGeneration?, grantedSlots?
-- returns {status = 'joined', generation, server, pipeline, source, seq, previous = media|null} | {status = 'starting'}
--       | {status = 'no-presenter'} | {status = 'fenced'} | {status = 'banned'} | {status = 'room-full'} | {status = 'out-of-slots', generation, slots}

local room = readRoom()
if room.state == 'ended' then return { status = 'no-presenter' } end
local known = readSession(args.session)
if known and (known.epoch ~= args.epoch or known.role ~= 'viewer') then return { status = 'fenced' } end
-- A room that is being put back may not have its source again yet.
if room.state == 'starting' or not room.source then return { status = room.isClaimOver and 'no-presenter' or 'starting' } end

local slots = tonumber(room.slots)
if args.grantedGeneration == room.generation and args.grantedSlots > slots then
  slots = args.grantedSlots
  redis.call('HSET', keys.room, 'slots', slots)
end
if not known then
  local bar = barOf(args.session, args.grants.identity)
  if bar and bar.isBanned then return { status = 'banned' } end
  if room.maxViewers and not args.grants.isModerator and viewersOf(room) >= tonumber(room.maxViewers) then
    return { status = 'room-full' }
  end
end
if not known or known.seat ~= room.generation then
  if tonumber(room.seats or redis.call('HLEN', keys.sessions)) >= slots then
    return { status = 'out-of-slots', generation = room.generation, slots = slots }
  end
  local session = known or newSession('viewer')
  session.seat = room.generation
  redis.call('HINCRBY', keys.room, 'seats', 1)
  writeSession(args.session, session)
  if not known then tellViewers(room) end
end
return { status = 'joined', generation = room.generation, server = room.server, pipeline = room.pipeline,
  source = room.source, seq = room.seq, previous = known and known.media or null }
