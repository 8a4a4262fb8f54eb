-- The broadcast is over: its reservation goes. A newer broadcast's stays.
-- keys: servers, reservations, unkept   args: room, generation
-- returns {status = 'released'} | {status = 'unknown'}

local held = read(keys.reservations, args.room)
if not held or held.generation ~= args.generation then return { status = 'unknown' } end
drop(args.room, held)
return { status = 'released' }
