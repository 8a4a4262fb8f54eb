-- Notes who wants to be told what. Receivers that nobody has named for a day are forgotten.
-- keys: demand   args: receivers = {{id, sources}, ...}, forgetMs
-- returns {status = 'announced'}

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
for _, receiver in ipairs(args.receivers) do
  redis.call('HSET', keys.demand, receiver.id, cjson.encode({ sources = receiver.sources, atMs = nowMs }))
end
local flat = redis.call('HGETALL', keys.demand)
for i = 1, #flat, 2 do
  if cjson.decode(flat[i + 1]).atMs < nowMs - args.forgetMs then redis.call('HDEL', keys.demand, flat[i]) end
end
redis.call('PEXPIRE', keys.demand, args.forgetMs)
return { status = 'announced' }
