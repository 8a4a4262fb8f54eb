-- One act of a moderator, or of an operator (by is null): done, noted in the chat's log, and what it ends is ended, in one
-- step. The same request again changes nothing.
-- keys: room, sessions, eventLog, chat, barred
-- args: by|null, epoch, clientId, act = {type, session?, offset?, untilMs?|forMs?, intervalMs?}, barsMs, eventChannel,
--   feedChannel, inboxPrefix
-- returns {status = 'done', ended = {what leave.lua returns, ...}} | {status = 'refused', code}

local function refused(code)
  return { status = 'refused', code = code }
end

local room, act, by = readRoom(), args.act, args.by
if not room.opening then return refused('chat-closed') end
if by ~= null then
  local session = readSession(by)
  if not session then return refused('not-in-room') end
  if session.epoch ~= args.epoch then return refused('fenced') end
  if session.role ~= 'presenter' and not (session.grants and session.grants.isModerator) then return refused('not-allowed') end
end
local request = (by == null and 'operator' or by) .. '|' .. args.clientId
if redis.call('HEXISTS', chatIds(room), request) == 1 then return { status = 'done', ended = {} } end

local target = act.session and readSession(act.session)
local aliased = act.session and redis.call('HGET', keys.barred, 'alias:' .. act.session)
local subject = act.session and (aliased or subjectOf(act.session, target and target.grants and target.grants.identity))
local ended = {}

local function bar(change)
  local json = redis.call('HGET', keys.barred, subject)
  local entry = json and cjson.decode(json) or {}
  for name, value in pairs(change) do entry[name] = value or nil end
  redis.call('HSET', keys.barred, subject, cjson.encode(entry), 'alias:' .. act.session, subject)
  redis.call('PEXPIRE', keys.barred, args.barsMs)
end

local function expel(id, session, reason)
  redis.call('PUBLISH', args.inboxPrefix .. session.node, cjson.encode({ v = 1, type = 'expelled', room = args.room,
    session = id, epoch = session.epoch, reason = reason }))
  table.insert(ended, finish(room, id, session))
end

local function note(content)
  content.by = by
  local entry = append(room, content)
  redis.call('HSET', chatIds(room), request, entry.offset)
end

if act.type == 'delete' then
  local json = redis.call('LINDEX', chatLog(room), act.offset - tonumber(room.chatSeq) - 1)
  local entry = act.offset <= tonumber(room.chatSeq) and json and cjson.decode(json)
  if not entry or entry.type ~= 'message' then return refused('not-found') end
  if entry.text ~= null then
    entry.text = null
    redis.call('LSET', chatLog(room), act.offset - tonumber(room.chatSeq) - 1, cjson.encode(entry))
    note({ type = 'deleted', target = act.offset })
  end
elseif act.type == 'slow-mode' then
  redis.call('HSET', keys.room, 'slowModeMs', act.intervalMs)
  note({ type = 'slow-mode', intervalMs = act.intervalMs })
elseif act.type == 'close' then
  if room.state == 'ended' then return { status = 'done', ended = {} } end
  note({ type = 'closed' })
  local presenter = room.presenter and readSession(room.presenter)
  if presenter then
    expel(room.presenter, presenter, 'room-closed')
  else
    endRoom(room)
    table.insert(ended, { status = 'ended', generation = room.generation, media = mediaOf(room) })
  end
elseif act.type == 'unmute' then
  if not redis.call('HGET', keys.barred, subject) then return { status = 'done', ended = {} } end
  bar({ mutedUntilMs = false })
  note({ type = 'unmuted', session = act.session })
elseif act.type == 'unban' then
  if not redis.call('HGET', keys.barred, subject) then return { status = 'done', ended = {} } end
  bar({ isBanned = false })
  note({ type = 'unbanned', session = act.session })
else
  -- mute, kick, ban: of somebody who is there, and not of who presents. A room is closed instead.
  if not target then return refused('not-found') end
  if target.role == 'presenter' then return refused('not-allowed') end
  if act.type == 'mute' then
    local isForGood = not act.forMs or act.forMs == null
    bar({ mutedUntilMs = isForGood and forGoodMs or nowMs() + act.forMs })
    note({ type = 'muted', session = act.session, untilMs = isForGood and null or nowMs() + act.forMs })
  elseif act.type == 'kick' then
    note({ type = 'kicked', session = act.session })
    expel(act.session, target, 'kicked')
  elseif act.type == 'ban' then
    bar({ isBanned = true })
    note({ type = 'banned', session = act.session })
    local identity = target.grants and target.grants.identity
    if identity and identity ~= null then
      -- Whatever else this person has open here.
      local flat = redis.call('HGETALL', keys.sessions)
      for i = 1, #flat, 2 do
        local other = cjson.decode(flat[i + 1])
        if flat[i] ~= act.session and other.role == 'viewer' and other.grants and other.grants.identity == identity then
          expel(flat[i], other, 'banned')
        end
      end
    end
    expel(act.session, target, 'banned')
  end
end
return { status = 'done', ended = ended }
