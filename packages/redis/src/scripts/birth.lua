-- Names this filling of the Redis when nobody has yet. The name starts with the time at which it was given.
-- keys: birth   args: salt
-- returns {name, ageMs}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', keys.birth, string.format('%d-%s', nowMs, args.salt), 'NX')
local name = redis.call('GET', keys.birth)
return { name = name, ageMs = nowMs - tonumber(string.match(name, '^%d+')) }
