-- The broadcast is live: its promise does not expire any more.
-- keys, args: lib-pool.lua   args: room, generation, keepsFormer
-- returns {status = 'kept'} | {status = 'unknown'}

local held = read(keys.reservations, args.room)
if not held or held.generation ~= args.generation or held.isPlanned then return { status = 'unknown' } end
local before = cjson.decode(cjson.encode(held))
if not args.keepsFormer then held.former = nil end
replace(args.room, before, held, false)
return { status = 'kept' }
