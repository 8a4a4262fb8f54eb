-- A page of the chat's log, and how far it reaches. Without 'epoch' of the present log. One without an entry does not exist.
-- keys: room, chat   args: epoch?, after?, before?, limit
-- returns {status = 'page', epoch, first, last, entries = {json, ...}} | {status = 'unknown'}

local opening = args.epoch or redis.call('HGET', keys.room, 'opening')
if not opening then return { status = 'unknown' } end
local log = keys.chat .. ':' .. opening
local newest = redis.call('LINDEX', log, -1)
if not newest then
  if opening ~= redis.call('HGET', keys.room, 'opening') then return { status = 'unknown' } end
  return { status = 'page', epoch = opening, first = 0, last = 0, entries = {} }
end
local last = cjson.decode(newest).offset
local first = last - redis.call('LLEN', log) + 1
local from, to
if args.after then
  from = math.max(args.after + 1, first)
  to = math.min(from + args.limit - 1, last)
else
  to = math.min((args.before or last + 1) - 1, last)
  from = math.max(to - args.limit + 1, first)
end
local entries = from <= to and redis.call('LRANGE', log, from - first, to - first) or {}
return { status = 'page', epoch = opening, first = first, last = last, entries = entries }
