-- Shared by the room scripts, after lib-chat.lua: reading the room and its sessions, ending a session, telling everybody of a change.
--
-- keys.room      hash: state, generation, seq, presenter; starting: claimedUntilMs; live: source, slots;
--                opening, startedAtMs, endedAtMs, chatSeq, afterglowMs, transcriptMs, chatKept, slowModeMs,
--                title, maxViewers, endsAtMs, isListed; awaySinceMs; presenceSeq, presenceTold, presenceAtMs;
--                live, and starting while the generation before still plays: server, pipeline;
--                seats: sessions that have one of the slots of this generation;
--                moving: an order to go elsewhere, until it has; formerGeneration, formerServer, formerPipeline:
--                what still plays for those who have not followed yet
-- keys.sessions  hash: session -> JSON {role, speech, grants, trace?, node, epoch, media, detachedAtMs, seat?}, the presenter's included;
--                 seat: the generation that it has a slot of
-- keys.eventLog  stream of the room's last events, under their numbers; args.eventChannel is their channel
-- keys.chat       prefix of what belongs to the chat; args.feedChannel is its channel
--
-- Numbers never come twice, also when Redis loses its data: a room that is not known is counted from the present time
-- in ms, which is greater than whatever it was counted to before (decision 0020).
--
-- opening: names the time from a presenter's coming to its end, and the chat's log of it. It outlives the broadcast's
-- generations, which tell apart how often its media was built.

local expiryAfterEndMs = 3600000
local eventsKept = 256

local function readRoom()
  local flat = redis.call('HGETALL', keys.room)
  local room = { state = 'ended', isKnown = #flat > 0 }
  for i = 1, #flat, 2 do room[flat[i]] = flat[i + 1] end
  room.generation = tonumber(room.generation) or nowMs()
  room.seq = tonumber(room.seq) or nowMs()
  if room.state == 'starting' then
    room.isClaimOver = tonumber(room.claimedUntilMs) <= nowMs()
  end
  return room
end

local function readSession(id)
  local json = redis.call('HGET', keys.sessions, id)
  return json and cjson.decode(json) or nil
end

local function writeSession(id, session)
  redis.call('HSET', keys.sessions, id, cjson.encode(session))
end

local function newSession(role)
  return { role = role, speech = args.speech, grants = args.grants, trace = args.trace, node = args.node,
    epoch = args.epoch, media = null, detachedAtMs = null }
end

-- The caller's session, if the caller's attachment is its present one.
local function attached()
  local session = readSession(args.session)
  return session and session.epoch == args.epoch and session or nil
end

local function mediaOf(room)
  return room.server and { server = room.server, pipeline = room.pipeline } or null
end

local function formerOf(room)
  return room.formerServer and { server = room.formerServer, pipeline = room.formerPipeline } or nil
end

local function forgetFormer()
  redis.call('HDEL', keys.room, 'formerGeneration', 'formerServer', 'formerPipeline')
end

-- Sets the number of the room's last event. '%d': no number of this size is to be rounded on its way.
local function writeSeq(seq)
  redis.call('HSET', keys.room, 'seq', string.format('%d', seq))
end

-- Everybody in the room but its presenter, those within their grace periods included.
local function viewersOf(room)
  local count = redis.call('HLEN', keys.sessions)
  local hasPresenter = room.presenter and redis.call('HEXISTS', keys.sessions, room.presenter) == 1
  return hasPresenter and count - 1 or count
end

-- The order of events is the order of changes: both happen in one step. Returns the event's number.
local function emit(eventType, generation)
  local seq = redis.call('HINCRBY', keys.room, 'seq', 1)
  local event = { v = 1, type = eventType, generation = generation, seq = seq }
  local json = cjson.encode(event)
  redis.call('XADD', keys.eventLog, 'MAXLEN', '~', eventsKept, string.format('%d-1', seq), 'event', json)
  redis.call('PUBLISH', args.eventChannel, json)
  tell(event)
  return seq
end

-- What was told after `seq`: {events = {JSON, ...}, isComplete}. Not complete when the log does not reach back to it;
-- to who asks for everything (0) nothing is missing.
local function eventsAfter(seq, lastSeq)
  local events = {}
  for _, entry in ipairs(redis.call('XRANGE', keys.eventLog, string.format('(%d-1', seq), '+')) do
    table.insert(events, entry[2][2])
  end
  local first = events[1] and cjson.decode(events[1]).seq or lastSeq + 1
  return { events = events, isComplete = seq == 0 or first <= seq + 1 }
end

-- The presenter of a live room has lost its socket, or has one again: its viewers keep their place, and are told.
local function notePresence(id, session)
  if session.role ~= 'presenter' then return end
  local room = redis.call('HMGET', keys.room, 'state', 'presenter', 'generation', 'awaySinceMs')
  if room[1] ~= 'live' or room[2] ~= id then return end
  local isAway = session.detachedAtMs ~= null
  if isAway and not room[4] then
    redis.call('HSET', keys.room, 'awaySinceMs', session.detachedAtMs)
    emit('presenter-away', tonumber(room[3]))
  elseif not isAway and room[4] then
    redis.call('HDEL', keys.room, 'awaySinceMs')
    emit('presenter-back', tonumber(room[3]))
  end
end

-- What was asked of the room through the admin API.
local function optionsOf()
  local json = redis.call('GET', keys.options)
  return json and cjson.decode(json) or {}
end

-- What is wanted of this opening. Of the presenter's token counts that of which the admin API has said nothing.
local function takeOptions(grants)
  local options = optionsOf()
  local wanted = grants and grants ~= null and grants.options or {}
  for _, name in ipairs({ 'title', 'maxViewers', 'maxDurationMs', 'slowModeMs', 'isListed' }) do
    local value = options[name]
    if value == nil or value == null then value = wanted[name] end
    if value ~= nil and value ~= null then
      redis.call('HSET', keys.room, name, type(value) == 'number' and string.format('%d', value) or tostring(value))
    end
  end
end

-- Its options are to be taken besides.
local function beginOpening(generation)
  redis.call('HSET', keys.room, 'opening', string.format('%d-%d', nowMs(), generation), 'chatSeq', 0,
    'afterglowMs', args.afterglowMs, 'transcriptMs', args.transcriptMs, 'chatKept', args.chatKept)
  redis.call('HDEL', keys.room, 'startedAtMs', 'endedAtMs', 'slowModeMs', 'title', 'maxViewers', 'maxDurationMs',
    'endsAtMs', 'isListed', 'awaySinceMs', 'presenceTold', 'presenceAtMs', 'presenceSeq')
end

local function endChat(room)
  if not room.opening then return end
  local endedAtMs = nowMs()
  redis.call('HSET', keys.room, 'endedAtMs', endedAtMs)
  room.state, room.endedAtMs = 'ended', endedAtMs
  if not room.startedAtMs and redis.call('EXISTS', chatLog(room)) == 0 then return end
  append(room, { type = 'ended', closesAtMs = endedAtMs + tonumber(room.afterglowMs) })
  redis.call('ZADD', keys.chat .. ':openings', endedAtMs, room.opening)
  redis.call('ZREMRANGEBYSCORE', keys.chat .. ':openings', '-inf', endedAtMs - tonumber(room.transcriptMs))
  redis.call('PEXPIRE', keys.chat .. ':openings', room.transcriptMs)
end

local function endRoom(room)
  redis.call('HDEL', keys.room, 'awaySinceMs', 'presenter', 'claimedUntilMs', 'server', 'pipeline', 'source', 'slots', 'seats',
    'moving')
  forgetFormer()
  redis.call('HSET', keys.room, 'state', 'ended')
  redis.call('UNLINK', keys.sessions)
  emit('presenter-left', room.generation)
  endChat(room)
  redis.call('PEXPIRE', keys.room, expiryAfterEndMs)
  redis.call('PEXPIRE', keys.eventLog, expiryAfterEndMs)
end

local function tellViewers(room)
  if not isWanted('viewer-count') then return end
  tellLevel({ type = 'viewer-count', generation = room.generation, viewers = viewersOf(room) })
end

-- Ends one session; the presenter's ends the room.
local function finish(room, id, session)
  if room.presenter == id then
    endRoom(room)
    return { status = 'ended', generation = room.generation, media = mediaOf(room), former = formerOf(room) }
  end
  redis.call('HDEL', keys.sessions, id)
  if session.seat == room.generation then redis.call('HINCRBY', keys.room, 'seats', -1) end
  if session.media ~= null then tellOfSession('viewer-left', room.generation, id, session) end
  tellViewers(room)
  return { status = 'left', media = session.media }
end
