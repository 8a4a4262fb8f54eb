-- Publishes the presenter's media; fenced when its claim does not hold any more.
-- keys: room, eventLog   args: session, generation, server, pipeline, endpoint, slots, eventChannel
-- returns {status = 'live'} | {status = 'fenced'}

local room = readRoom()
if room.state ~= 'starting' or room.generation ~= args.generation or room.presenter ~= args.session then
  return { status = 'fenced' }
end
redis.call('HDEL', keys.room, 'claimedUntilMs')
redis.call('HSET', keys.room, 'state', 'live', 'server', args.server, 'pipeline', args.pipeline,
  'source', args.endpoint, 'slots', args.slots)
emit('presenter-live', room.generation)
return { status = 'live' }
