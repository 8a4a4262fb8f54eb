-- The opening of a room is over. That it was is remembered for a minute: a card of it may be on its way.
-- keys: cards, ranks, words, gone   args: room, opening|null
-- returns {status = 'removed'} | {status = 'known'}

local now = nowMs()
for _, room in ipairs(redis.call('ZRANGE', keys.gone, '-inf', now, 'BYSCORE', 'LIMIT', 0, 20)) do
  redis.call('HDEL', keys.cards, room)
  redis.call('ZREM', keys.gone, room)
end
local known = cardOf()
if known and args.opening ~= null and isLater(known.opening, args.opening) then return { status = 'known' } end
if known then drop(known) end
if args.opening ~= null then
  redis.call('HSET', keys.cards, args.room, cjson.encode({ opening = args.opening, isGone = true }))
  redis.call('ZADD', keys.gone, now + 60000, args.room)
end
return { status = 'removed' }
