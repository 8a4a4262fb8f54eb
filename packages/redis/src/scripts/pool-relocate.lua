-- Plans a room's next place, elsewhere than the generation that plays or was lost.
-- keys, args: lib-pool.lua   args: room, generation, slots, holdMs, to?, require?, prefer?
-- returns {status = 'planned', server, slots} | {status = 'pool-full'} | {status = 'superseded'}

expire()
local held = read(keys.reservations, args.room)
if not held or held.generation < args.generation then return { status = 'superseded' } end
if held.isPlanned and held.generation == args.generation + 1 and isAlive(held) then
  return { status = 'planned', server = held.server, slots = held.slots }
end
if held.generation > args.generation and not held.isPlanned then
  -- Built anew elsewhere meanwhile: of what was lost nothing has to be replaced.
  if isAlive(held) and held.former and not isAlive(held.former) then
    local before = cjson.decode(cjson.encode(held))
    held.former = nil
    replace(args.room, before, held)
  elseif isAlive(held) then
    redis.call('ZREM', keys.lost, args.room)
  end
  return { status = 'superseded' }
end

local former
if held.isPlanned then former = living(held.former) else former = living(held) end
args.require = args.require or held.require
args.except = former and former.server or nil
local place = newPlace(args.generation + 1)
if not place then return { status = 'pool-full' } end
place.isPlanned = true
place.require = args.require
place.former = former
replace(args.room, held, place, now + args.holdMs)
return { status = 'planned', server = place.server, slots = place.slots }
