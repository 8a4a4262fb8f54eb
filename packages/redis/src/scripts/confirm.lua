-- Notes a viewer's endpoint; fenced when the session, or the broadcast it joined, is gone.
-- keys: room, viewers   args: session, generation, endpoint
-- returns {status = 'confirmed'} | {status = 'fenced'}

local room = redis.call('HMGET', keys.room, 'state', 'generation')
local viewer = redis.call('HGET', keys.viewers, args.session)
if room[1] ~= 'live' or tonumber(room[2]) ~= args.generation or not viewer then return { status = 'fenced' } end

viewer = cjson.decode(viewer)
viewer.endpoint = args.endpoint
redis.call('HSET', keys.viewers, args.session, cjson.encode(viewer))
return { status = 'confirmed' }
