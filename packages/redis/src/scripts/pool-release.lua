-- The broadcast is over: its promise goes, a newer one's stays. Of a generation that was moved away only what it held.
-- keys, args: lib-pool.lua   args: room, generation
-- returns {status = 'released'} | {status = 'unknown'}

local held = read(keys.reservations, args.room)
if not held then return { status = 'unknown' } end
local former = held.former
if held.generation <= args.generation or (held.isPlanned and former and former.generation == args.generation) then
  replace(args.room, held, nil)
  return { status = 'released' }
end
if not former or former.generation > args.generation then return { status = 'unknown' } end
local before = cjson.decode(cjson.encode(held))
held.former = nil
replace(args.room, before, held)
return { status = 'released' }
