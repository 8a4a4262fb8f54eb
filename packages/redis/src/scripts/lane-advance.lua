-- The receiver has everything up to this place, or is not to have it.
-- keys: outbox, lanes   args: receiver, receivers?, turn, place
-- returns {status = 'advanced'} | {status = 'fenced'}

local lane = readLane()
if not lane or lane.turn ~= args.turn then return { status = 'fenced' } end
if isBefore(lane.cursor, args.place) then lane.cursor = args.place end
lane.failures = 0
writeLane(lane)
trim()
return { status = 'advanced' }
