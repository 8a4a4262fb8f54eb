-- Ends a broadcast whose presenter has no session.
-- keys: room, sessions, eventLog   args: generation, eventChannel
-- returns {status = 'ended', generation, media = {server, pipeline}|null} | {status = 'fenced'}

local room = readRoom()
local isAbandoned = room.state ~= 'ended' and not (room.presenter and readSession(room.presenter))
if not isAbandoned or room.generation ~= args.generation then return { status = 'fenced' } end
endRoom(room)
return { status = 'ended', generation = room.generation, media = mediaOf(room) }
