-- Ends a session. The presenter's ends the broadcast with every session in it, and says so on the bus.
-- keys: room, viewers, eventLog   args: session, eventChannel
-- returns {status = 'left', server, endpoint|null} | {status = 'ended', generation, media = {server, pipeline}|null}
--       | {status = 'unknown'}

local room = readRoom()
if room.state == 'ended' then return { status = 'unknown' } end

if room.presenter == args.session then
  redis.call('HDEL', keys.room, 'presenter', 'node', 'claimedUntilMs', 'server', 'pipeline', 'source', 'slots')
  redis.call('HSET', keys.room, 'state', 'ended')
  redis.call('UNLINK', keys.viewers)
  emit('presenter-left', room.generation)
  redis.call('PEXPIRE', keys.room, expiryAfterEndMs)
  redis.call('PEXPIRE', keys.eventLog, expiryAfterEndMs)
  local media = cjson.null
  if room.state == 'live' then media = { server = room.server, pipeline = room.pipeline } end
  return { status = 'ended', generation = room.generation, media = media }
end

local viewer = redis.call('HGET', keys.viewers, args.session)
if not viewer then return { status = 'unknown' } end
redis.call('HDEL', keys.viewers, args.session)
return { status = 'left', server = room.server, endpoint = cjson.decode(viewer).endpoint }
