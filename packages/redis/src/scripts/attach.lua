-- Attaches a session to a node, with the next epoch. The token's epoch may be the present one or the one before it:
-- the reply that brought its successor may have been lost.
-- keys: room, sessions, eventLog   args: session, node, tokenEpoch, inboxPrefix
-- returns {status = 'attached', epoch, role, media|null, room = {state, generation, seq}}
--       | {status = 'unknown'} | {status = 'bad-token'}

local session = readSession(args.session)
if not session then return { status = 'unknown' } end
if args.tokenEpoch ~= session.epoch and args.tokenEpoch ~= session.epoch - 1 then return { status = 'bad-token' } end

local formerNode, wasDetached = session.node, session.detachedAtMs ~= null
session.epoch = session.epoch + 1
session.node = args.node
session.detachedAtMs = null
writeSession(args.session, session)
if not wasDetached then
  redis.call('PUBLISH', args.inboxPrefix .. formerNode, cjson.encode({ v = 1, type = 'superseded', room = args.room,
    session = args.session, epoch = session.epoch }))
end
local room = readRoom()
return { status = 'attached', epoch = session.epoch, role = session.role, media = session.media,
  room = { state = room.state, generation = room.generation, seq = room.seq } }
