-- keys: letters, order   args: id, atMs, letter (JSON), kept, keepMs
-- returns {dropped}: how many old ones went for it

redis.call('HSET', keys.letters, args.id, args.letter)
redis.call('ZADD', keys.order, args.atMs, args.id)
local over = redis.call('ZRANGE', keys.order, 0, -args.kept - 1)
for _, id in ipairs(over) do
  redis.call('HDEL', keys.letters, id)
  redis.call('ZREM', keys.order, id)
end
redis.call('PEXPIRE', keys.letters, args.keepMs)
redis.call('PEXPIRE', keys.order, args.keepMs)
return { dropped = #over }
