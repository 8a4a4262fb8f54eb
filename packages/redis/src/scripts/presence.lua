-- Says how many watch a room, at most once in a while, and only what has changed since it was said last.
-- keys: room, sessions   args: pauseMs, feedChannel
-- returns {status = 'told'|'same', card} | {status = 'early', dueInMs} | {status = 'idle'} | {status = 'ended', opening|null}
-- card: {opening, seq, title|null, startedAtMs, endsAtMs|null, viewers, presenterName|null, isPresenterAway, isListed}

local room = readRoom()
if room.state == 'ended' or not room.opening then return { status = 'ended', opening = room.opening or null } end
if not room.startedAtMs then return { status = 'idle' } end

local viewers, isAway = viewersOf(room), room.awaySinceMs ~= nil
local now = nowMs()
local told = viewers .. (isAway and ' away' or '')
local isSame = room.presenceTold == told
if not isSame then
  local dueInMs = tonumber(room.presenceAtMs or 0) + args.pauseMs - now
  if dueInMs > 0 then return { status = 'early', dueInMs = dueInMs } end
  redis.call('HSET', keys.room, 'presenceTold', told, 'presenceAtMs', string.format('%d', now))
  room.presenceSeq = redis.call('HINCRBY', keys.room, 'presenceSeq', 1)
  redis.call('PUBLISH', args.feedChannel, cjson.encode({ v = 1, type = 'presence', viewers = viewers, isPresenterAway = isAway }))
end
local presenter = room.presenter and readSession(room.presenter)
local name = presenter and presenter.grants and presenter.grants.name or null
return { status = isSame and 'same' or 'told', card = { opening = room.opening, seq = tonumber(room.presenceSeq),
  title = room.title or null, startedAtMs = tonumber(room.startedAtMs), endsAtMs = tonumber(room.endsAtMs) or null,
  viewers = viewers, presenterName = name, isPresenterAway = isAway, isListed = room.isListed ~= 'false' } }
