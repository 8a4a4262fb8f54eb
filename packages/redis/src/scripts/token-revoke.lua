-- Revokes a token, or what an identity was issued until now; forgets some of those whose time is over.
-- keys: revoked, revokedAt   args: subject, untilMs
-- returns {atMs}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
for _, subject in ipairs(redis.call('ZRANGE', keys.revokedAt, 0, 99)) do
  local json = redis.call('HGET', keys.revoked, subject)
  if not json or cjson.decode(json).untilMs <= nowMs then
    redis.call('HDEL', keys.revoked, subject)
    redis.call('ZREM', keys.revokedAt, subject)
  end
end
redis.call('HSET', keys.revoked, args.subject, cjson.encode({ atMs = nowMs, untilMs = args.untilMs }))
redis.call('ZADD', keys.revokedAt, nowMs, args.subject)
return { atMs = nowMs }
