-- Promises endpoints to a broadcast: on a server chosen for it, or planned for it by a move, then growing on that one.
-- keys, args: lib-pool.lua   args: room, generation, slots, mayBegin, reservationMs, require?, prefer?
-- returns {status = 'reserved', server, slots} | {status = 'pool-full'} | {status = 'superseded'}

expire()
local held = read(keys.reservations, args.room)
if not args.mayBegin then return raise(args.room, held, args.generation, args.slots) end

if held and held.generation > args.generation then return { status = 'superseded' } end
if held and held.generation == args.generation and not held.isPlanned and isAlive(held) then
  return raise(args.room, held, args.generation, args.slots)
end
local expiresAtMs = now + args.reservationMs
if held and held.isPlanned and isAlive(held) then
  local before = cjson.decode(cjson.encode(held))
  held.generation = args.generation
  held.isPlanned = nil
  replace(args.room, before, held, expiresAtMs)
  return raise(args.room, held, args.generation, args.slots)
end

-- What plays on while the next is built.
local former
if held then
  local isKept = held.generation < args.generation and not redis.call('ZSCORE', keys.unkept, args.room)
  if isKept then former = living(held) else former = living(held.former) end
end
if held then replace(args.room, held, former, false) end
local place = newPlace(args.generation)
if not place then return { status = 'pool-full' } end
place.former = former
if args.require and next(args.require) then place.require = args.require end
replace(args.room, former, place, expiresAtMs)
return { status = 'reserved', server = place.server, slots = place.slots }
