-- Shared by the room scripts, and all of them that chat-say.lua takes: what it does not use it would define, too, for every
-- message that is said. The room is a table of the fields of its hash (lib-room.lua).
--
-- keys.room, keys.chat  args.feedChannel

local chatKeptByDefault = 1000
local null = cjson.null

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The chat's log of this opening.
local function chatLog(room)
  return keys.chat .. ':' .. room.opening
end

-- Message ids that were said: session|clientId -> offset. As many as the log has messages.
local function chatIds(room)
  return keys.chat .. ':' .. room.opening .. ':ids'
end

-- The log is bounded. What falls out is forgotten whole, and of a long log some at a time: it would be a third of what
-- each message costs. A log that is to be much shorter than it is, is so a little later.
local function forgetOldest(room, length)
  local kept = tonumber(room.chatKept or chatKeptByDefault)
  if length <= kept + math.min(64, math.floor(kept / 64)) then return end
  local oldest = redis.call('LPOP', chatLog(room), math.min(length - kept, 100))
  local ids = {}
  for _, json in ipairs(oldest) do
    local entry = cjson.decode(json)
    if entry.type == 'message' then table.insert(ids, entry.from .. '|' .. entry.clientId) end
  end
  if #ids > 0 then redis.call('HDEL', chatIds(room), unpack(ids)) end
end

-- One more entry of the chat: stamped, kept, told on the feed.
local function append(room, content, now)
  local atMs = now or nowMs()
  local offset = redis.call('HINCRBY', keys.room, 'chatSeq', 1)
  content.epoch, content.offset, content.atMs = room.opening, offset, atMs
  content.intoMs = room.startedAtMs and math.max(0, atMs - tonumber(room.startedAtMs)) or 0
  local json = cjson.encode(content)
  forgetOldest(room, redis.call('RPUSH', chatLog(room), json))
  if room.state == 'ended' then
    redis.call('PEXPIRE', chatLog(room), room.transcriptMs)
    redis.call('PEXPIRE', chatIds(room), room.transcriptMs)
  end
  redis.call('PUBLISH', args.feedChannel, '{"v":1,"type":"entry","entry":' .. json .. '}')
  return content
end
