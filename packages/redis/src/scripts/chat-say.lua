-- Says in the room's chat what its members have said on one node at about the same time, in that order: each once, however
-- often it is sent. In the afterglow, when the room has no sessions any more, the caller's node vouches for who says it.
-- keys: room, sessions, chat, barred
-- args: sayings = {{session, epoch, clientId, text, name|null, identity|null, isModerator, mayChat}, ...}, feedChannel
-- returns {{status = 'said', epoch, offset, atMs} | {status = 'refused', code, retryAfterMs?}, ...}, as many

local fields = { 'opening', 'state', 'chatSeq', 'endedAtMs', 'afterglowMs', 'transcriptMs', 'slowModeMs', 'startedAtMs', 'chatKept' }
local room = {}
for at, value in ipairs(redis.call('HMGET', keys.room, unpack(fields))) do room[fields[at]] = value or nil end
local now = nowMs()

local function refused(code, retryAfterMs)
  return { status = 'refused', code = code, retryAfterMs = retryAfterMs }
end

local function say(order)
  local id = order.session .. '|' .. order.clientId
  local known = redis.call('HGET', chatIds(room), id)
  if known then
    local offset, last = tonumber(known), tonumber(redis.call('HGET', keys.room, 'chatSeq'))
    local entry = cjson.decode(redis.call('LINDEX', chatLog(room), offset - last - 1))
    return { status = 'said', epoch = room.opening, offset = offset, atMs = entry.atMs }
  end

  if room.state == 'ended' then
    if now > tonumber(room.endedAtMs) + tonumber(room.afterglowMs) then return refused('chat-closed') end
  else
    local session = redis.call('HGET', keys.sessions, order.session)
    if not session then return refused('not-in-room') end
    if cjson.decode(session).epoch ~= order.epoch then return refused('fenced') end
  end
  if not order.mayChat then return refused('not-allowed') end

  local bar = barOf(order.session, order.identity)
  if bar and bar.mutedUntilMs then
    local mutedForMs = bar.mutedUntilMs - now
    if mutedForMs > 0 then return refused('muted', mutedForMs) end
  end
  local slowModeMs = tonumber(room.slowModeMs or 0)
  if slowModeMs > 0 and not order.isModerator then
    local pace = keys.chat .. ':pace:' .. subjectOf(order.session, order.identity)
    if not redis.call('SET', pace, '1', 'NX', 'PX', slowModeMs) then
      return refused('too-fast', redis.call('PTTL', pace))
    end
  end

  local entry = append(room, { type = 'message', from = order.session, name = order.name,
    isModerator = order.isModerator, clientId = order.clientId, text = order.text }, now)
  redis.call('HSET', chatIds(room), id, entry.offset)
  return { status = 'said', epoch = entry.epoch, offset = entry.offset, atMs = entry.atMs }
end

local results = {}
for at, order in ipairs(args.sayings) do
  results[at] = room.opening and say(order) or refused('chat-closed')
end
return results
