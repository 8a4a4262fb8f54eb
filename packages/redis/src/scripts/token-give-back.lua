-- A session came to nothing: its token for one time is good again.
-- keys: used   args: session
-- returns {}

if redis.call('GET', keys.used) == args.session then redis.call('DEL', keys.used) end
return {}
