-- Ends a broadcast whose presenter has no session, or, where that is asked for, did not build its media in time.
-- keys: room, sessions, eventLog   args: generation, isOverdue?, eventChannel
-- returns {status = 'ended', generation, media = {server, pipeline}|null} | {status = 'fenced'}

local room = readRoom()
local isAbandoned = room.state ~= 'ended' and not (room.presenter and readSession(room.presenter))
local isOverdue = args.isOverdue and room.state == 'starting' and room.isClaimOver
if not (isAbandoned or isOverdue) or room.generation ~= args.generation then return { status = 'fenced' } end
endRoom(room)
return { status = 'ended', generation = room.generation, media = mediaOf(room), former = formerOf(room) }
