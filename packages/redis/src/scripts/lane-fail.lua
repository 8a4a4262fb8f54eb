-- The receiver could not be told the next entry.
-- keys: outbox, lanes   args: receiver, turn
-- returns {status = 'noted', failures} | {status = 'fenced'}

local lane = readLane()
if not lane or lane.turn ~= args.turn then return { status = 'fenced' } end
lane.failures = lane.failures + 1
writeLane(lane)
return { status = 'noted', failures = lane.failures }
