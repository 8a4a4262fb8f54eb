-- The broadcast is live: its reservation does not expire any more.
-- keys: servers, reservations, unkept   args: room, generation
-- returns {status = 'kept'} | {status = 'unknown'}

local held = read(keys.reservations, args.room)
if not held or held.generation ~= args.generation then return { status = 'unknown' } end
redis.call('ZREM', keys.unkept, args.room)
return { status = 'kept' }
