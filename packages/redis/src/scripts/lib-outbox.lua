-- Put before lib-room.lua: what the receivers of webhooks are to be told is kept by the step that changes the room.
--
-- keys.outbox     stream of what has not been told to every receiver; there only while it holds something
-- args.wanted     set of the types that somebody wants, `*` for all; nothing where nobody wants anything
-- args.nudges     channel that hears the room's name

local outboxMs = 691200000

local function noteNewest()
  redis.call('PEXPIRE', keys.outbox, outboxMs)
  redis.call('PUBLISH', args.nudges, args.room)
end

local function isWanted(eventType)
  return args.wanted and (args.wanted[eventType] or args.wanted['*'])
end

local function tell(event)
  if not isWanted(event.type) then return end
  redis.call('XADD', keys.outbox, '*', 'told', cjson.encode(event))
  noteNewest()
end

local function fieldsOf(entry)
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  return fields
end

-- Of something that says how things are: the newest value takes the place of one that still waits at the end, so
-- that an outbox does not grow by what is out of date. `since`: when the first of those replaced was written, in ms.
local function tellLevel(event)
  if not isWanted(event.type) then return end
  local last = redis.call('XREVRANGE', keys.outbox, '+', '-', 'COUNT', 1)[1]
  local since
  if last then
    local fields = fieldsOf(last)
    if not fields.only and cjson.decode(fields.told).type == event.type then
      since = fields.since or string.match(last[1], '^%d+')
      redis.call('XDEL', keys.outbox, last[1])
    end
  end
  if since then redis.call('XADD', keys.outbox, '*', 'told', cjson.encode(event), 'since', since)
  else redis.call('XADD', keys.outbox, '*', 'told', cjson.encode(event)) end
  noteNewest()
end

-- What happened to one session; the event's other fields say who it is.
local function tellOfSession(eventType, generation, id, session)
  if not isWanted(eventType) then return end
  tell({ type = eventType, generation = generation, session = id, identity = session.grants.identity,
    name = session.grants.name })
end
