-- A node is gone: the grace period of every session it had in this room begins.
-- keys: room, sessions, eventLog   args: node
-- returns {lost = {{session, epoch, role, speech, media|null}, ...}}, those begun before included

local lost = {}
local flat = redis.call('HGETALL', keys.sessions)
for i = 1, #flat, 2 do
  local id, session = flat[i], cjson.decode(flat[i + 1])
  if session.node == args.node then
    if session.detachedAtMs == null then
      session.detachedAtMs = nowMs()
      writeSession(id, session)
      notePresence(id, session)
    end
    table.insert(lost, { session = id, epoch = session.epoch, role = session.role, speech = session.speech,
      media = session.media })
  end
end
return { lost = lost }
