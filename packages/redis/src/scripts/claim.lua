-- Takes the presenter's place when it is free: no room, an ended one, or a claim that never went live in time.
-- keys: room, viewers, eventLog   args: session, node, claimMs
-- returns {status = 'claimed', generation} | {status = 'presenter-exists'}

local room = readRoom()
local isFree = room.state == 'ended' or room.isClaimOver
if not isFree then return { status = 'presenter-exists' } end

local generation = room.generation + 1
redis.call('HDEL', keys.room, 'server', 'pipeline', 'source', 'slots')
redis.call('HSET', keys.room, 'state', 'starting', 'generation', generation, 'presenter', args.session,
  'node', args.node, 'claimedUntilMs', nowMs() + args.claimMs)
redis.call('DEL', keys.viewers)
redis.call('PERSIST', keys.room)
redis.call('PERSIST', keys.eventLog)
return { status = 'claimed', generation = generation }
