-- Shared by the room scripts: reading the room and telling everybody of a change.
--
-- keys.room      hash: state, generation, seq, presenter, node, claimedUntilMs | server, pipeline, source, slots
-- keys.eventLog  stream of the room's last events; keys.eventChannel is a channel, passed as an argument

local expiryAfterEndMs = 3600000
local eventsKept = 256

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function readRoom()
  local flat = redis.call('HGETALL', keys.room)
  local room = { state = 'ended', generation = '0' }
  for i = 1, #flat, 2 do room[flat[i]] = flat[i + 1] end
  room.generation = tonumber(room.generation)
  if room.state == 'starting' then
    room.isClaimOver = tonumber(room.claimedUntilMs) <= nowMs()
  end
  return room
end

-- The order of events is the order of changes: both happen in one step.
local function emit(eventType, generation)
  local seq = redis.call('HINCRBY', keys.room, 'seq', 1)
  local event = cjson.encode({ v = 1, type = eventType, generation = generation, seq = seq })
  redis.call('XADD', keys.eventLog, 'MAXLEN', '~', eventsKept, '*', 'event', event)
  redis.call('PUBLISH', args.eventChannel, event)
end
