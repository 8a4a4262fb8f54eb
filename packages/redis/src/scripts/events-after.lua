-- keys: room, sessions, eventLog   args: seq
-- returns {events = {JSON, ...}, isComplete}

return eventsAfter(args.seq, tonumber(redis.call('HGET', keys.room, 'seq') or 0))
