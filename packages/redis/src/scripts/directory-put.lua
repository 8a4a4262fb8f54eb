-- A card of a live room. A later opening, a later card of the same one, and an opening that is over stay as they are.
-- keys: cards, ranks, words, gone   args: room, card, words
-- returns {status = 'put'} | {status = 'known'}

local known = cardOf()
if known and isLater(known.opening, args.card.opening) then return { status = 'known' } end
if known and known.opening == args.card.opening and (known.isGone or known.seq > args.card.seq) then
  return { status = 'known' }
end
if known then drop(known) end
redis.call('ZREM', keys.gone, args.room)
if args.card.isListed then
  args.card.words = args.words
  redis.call('HSET', keys.cards, args.room, cjson.encode(args.card))
  redis.call('ZADD', keys.ranks, args.card.viewers, args.room)
  for _, word in ipairs(args.words) do redis.call('ZADD', keys.words, 0, word .. '\0' .. args.room) end
end
return { status = 'put' }
