-- Has something sent again, to one receiver only.
-- keys: outbox, lanes   args: receiver, id, atMs, told (JSON), nudges, room
-- returns {status = 'put-back'}

redis.call('XADD', keys.outbox, '*', 'told', args.told, 'only', args.receiver, 'id', args.id, 'at', args.atMs)
redis.call('PEXPIRE', keys.outbox, outboxMs)
redis.call('PUBLISH', args.nudges, args.room)
return { status = 'put-back' }
