-- Orders a live generation to go elsewhere: it plays on until its presenter has built the next and its viewers have
-- followed. Again: the same answer.
-- keys: room, sessions, eventLog   args: generation
-- returns {status = 'moving'} | {status = 'starting'} | {status = 'superseded'} | {status = 'ended'}

local room = readRoom()
if room.state == 'ended' then return { status = 'ended' } end
if room.generation ~= args.generation then
  return { status = room.state == 'live' and 'superseded' or 'starting' }
end
if room.state == 'starting' then return { status = 'starting' } end
redis.call('HSET', keys.room, 'moving', string.format('%d', args.generation))
return { status = 'moving' }
