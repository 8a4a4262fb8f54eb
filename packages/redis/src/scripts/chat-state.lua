-- Where the chat of a room stands, and how many watch.
-- keys: room, sessions, chat   args: none
-- returns {status = 'state', epoch, offset, closesAtMs|null, slowModeMs, viewers, isPresenterAway} | {status = 'unknown'}

local room = readRoom()
if not room.opening then return { status = 'unknown' } end
local isEnded = room.state == 'ended'
return { status = 'state', epoch = room.opening, offset = tonumber(room.chatSeq or 0),
  closesAtMs = isEnded and room.endedAtMs and tonumber(room.endedAtMs) + tonumber(room.afterglowMs) or null,
  slowModeMs = tonumber(room.slowModeMs or 0), viewers = viewersOf(room),
  isPresenterAway = room.awaySinceMs ~= nil }
