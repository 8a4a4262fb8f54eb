-- Says something in the room's chat: once, however often it is sent. In the afterglow, when the room has no sessions any
-- more, the caller's node vouches for who says it.
-- keys: room, sessions, chat, barred
-- args: session, epoch, clientId, text, name|null, identity|null, isModerator, mayChat, feedChannel
-- returns {status = 'said', epoch, offset, atMs} | {status = 'refused', code, retryAfterMs?}

local function refused(code, retryAfterMs)
  return { status = 'refused', code = code, retryAfterMs = retryAfterMs }
end

local room = readRoom()
if not room.opening then return refused('chat-closed') end
local id = args.session .. '|' .. args.clientId
local known = redis.call('HGET', chatIds(room), id)
if known then
  local offset, last = tonumber(known), tonumber(room.chatSeq)
  local entry = cjson.decode(redis.call('LINDEX', chatLog(room), offset - last - 1))
  return { status = 'said', epoch = room.opening, offset = offset, atMs = entry.atMs }
end

if room.state == 'ended' then
  if nowMs() > tonumber(room.endedAtMs) + tonumber(room.afterglowMs) then return refused('chat-closed') end
else
  local session = readSession(args.session)
  if not session then return refused('not-in-room') end
  if session.epoch ~= args.epoch then return refused('fenced') end
end
if not args.mayChat then return refused('not-allowed') end

local bar = barOf(args.session, args.identity)
if bar and bar.mutedUntilMs then
  local mutedForMs = bar.mutedUntilMs - nowMs()
  if mutedForMs > 0 then return refused('muted', mutedForMs) end
end
local slowModeMs = tonumber(room.slowModeMs or 0)
if slowModeMs > 0 and not args.isModerator then
  local pace = keys.chat .. ':pace:' .. subjectOf(args.session, args.identity)
  if not redis.call('SET', pace, '1', 'NX', 'PX', slowModeMs) then return refused('too-fast', redis.call('PTTL', pace)) end
end

local entry = append(room, { type = 'message', from = args.session, name = args.name, isModerator = args.isModerator,
  clientId = args.clientId, text = args.text })
redis.call('HSET', chatIds(room), id, entry.offset)
return { status = 'said', epoch = entry.epoch, offset = entry.offset, atMs = entry.atMs }
