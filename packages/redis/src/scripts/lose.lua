-- The media server of a generation is lost: the room goes back to its start, with everybody in it, and the presenter has
-- `graceMs` to build its media anew. The next generation fences what is late from the old server. Again: the same answer.
-- keys: room, sessions, eventLog   args: generation, graceMs
-- returns {status = 'lost', generation, media = {server, pipeline}|null} | {status = 'superseded'} | {status = 'ended'}

local room = readRoom()
if room.state == 'ended' then return { status = 'ended' } end
if room.state == 'live' and room.generation > args.generation then
  -- Built anew already; what was lost is what some had not left yet.
  if tonumber(room.formerGeneration) == args.generation then forgetFormer() end
  return { status = 'superseded' }
end
local media = mediaOf(room)
redis.call('HDEL', keys.room, 'server', 'pipeline', 'source', 'slots', 'seats', 'moving')
forgetFormer()
if room.state == 'live' then
  room.generation = math.max(args.generation + 1, nowMs())
  redis.call('HSET', keys.room, 'state', 'starting', 'generation', string.format('%d', room.generation),
    'claimedUntilMs', nowMs() + args.graceMs)
end
return { status = 'lost', generation = room.generation, media = media }
