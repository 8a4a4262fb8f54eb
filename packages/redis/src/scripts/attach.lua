-- Attaches a session to a node, with the next epoch. The token's epoch may be the present one or the one before it:
-- the reply that brought its successor may have been lost. A session restored with epoch 0 is one whose epoch nobody
-- remembers: any token is good, and the next epoch is counted from it. Only a client that can resume comes here.
-- keys: room, sessions, eventLog   args: session, node, tokenEpoch, seq, inboxPrefix
-- returns {status = 'attached', epoch, role, grants, trace?, media|null, room = {state, generation, seq},
--          log = {events, isComplete}}
--       | {status = 'unknown'} | {status = 'bad-token'}

local session = readSession(args.session)
if not session then return { status = 'unknown' } end
local isEpochKnown = session.epoch > 0
if isEpochKnown and args.tokenEpoch ~= session.epoch and args.tokenEpoch ~= session.epoch - 1 then
  return { status = 'bad-token' }
end

local formerNode, wasDetached = session.node, session.detachedAtMs ~= null
session.epoch = math.max(session.epoch, args.tokenEpoch) + 1
session.node = args.node
session.speech = 'manycast.v1'
session.detachedAtMs = null
writeSession(args.session, session)
notePresence(args.session, session)
if not wasDetached then
  redis.call('PUBLISH', args.inboxPrefix .. formerNode, cjson.encode({ v = 1, type = 'superseded', room = args.room,
    session = args.session, epoch = session.epoch }))
end
local room = readRoom()
return { status = 'attached', epoch = session.epoch, role = session.role, grants = session.grants, trace = session.trace, media = session.media,
  room = { state = room.state, generation = room.generation, seq = room.seq }, log = eventsAfter(args.seq, room.seq) }
