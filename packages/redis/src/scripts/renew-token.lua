-- Another join token lets a session stay.
-- keys: room, sessions, eventLog   args: session, epoch, token = {id, issuedAtMs, expiresAtMs}
-- returns {status = 'renewed'} | {status = 'fenced'}

local session = attached()
if not session then return { status = 'fenced' } end
session.grants.token = args.token
writeSession(args.session, session)
return { status = 'renewed' }
