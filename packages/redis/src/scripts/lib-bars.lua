-- Shared by the scripts that ask whether somebody may: mutes and bans of a room.
--
-- keys.barred  hash: subject -> JSON {mutedUntilMs?, isBanned?}; alias:<session> -> the subject it was. Expires some time
--              after the last act.
--
-- A subject is the identity that a token vouches for; without one it is the session.

-- The year 2255: until somebody says otherwise.
local forGoodMs = 9000000000000

local function subjectOf(session, identity)
  if identity and identity ~= null then return 'identity:' .. identity end
  return 'session:' .. session
end

local function barOf(session, identity)
  local json = redis.call('HGET', keys.barred, subjectOf(session, identity))
  return json and cjson.decode(json) or nil
end
