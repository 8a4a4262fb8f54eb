-- Enters a viewer, taking one of the slots that the pool granted to this broadcast.
-- keys: room, viewers   args: session, node, grantedGeneration?, grantedSlots?
-- returns {status = 'joined', generation, server, pipeline, source} | {status = 'starting'}
--       | {status = 'no-presenter'} | {status = 'out-of-slots', generation, slots}

local room = readRoom()
if room.state == 'starting' and not room.isClaimOver then return { status = 'starting' } end
if room.state ~= 'live' then return { status = 'no-presenter' } end

local slots = tonumber(room.slots)
if args.grantedGeneration == room.generation and args.grantedSlots > slots then
  slots = args.grantedSlots
  redis.call('HSET', keys.room, 'slots', slots)
end
if redis.call('HEXISTS', keys.viewers, args.session) == 0 then
  if 1 + redis.call('HLEN', keys.viewers) >= slots then
    return { status = 'out-of-slots', generation = room.generation, slots = slots }
  end
  redis.call('HSET', keys.viewers, args.session, cjson.encode({ node = args.node, endpoint = cjson.null }))
end
return { status = 'joined', generation = room.generation, server = room.server, pipeline = room.pipeline,
  source = room.source }
