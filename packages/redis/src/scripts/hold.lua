-- The caller's session is still attached to the caller's node: a grace period that had begun is over.
-- keys: room, sessions, eventLog   args: session, node, epoch
-- returns {status = 'held'} | {status = 'fenced'} | {status = 'unknown'}

local session = readSession(args.session)
if not session then return { status = 'unknown' } end
if session.epoch ~= args.epoch or session.node ~= args.node then return { status = 'fenced' } end
if session.detachedAtMs ~= null then
  session.detachedAtMs = null
  writeSession(args.session, session)
  notePresence(args.session, session)
end
return { status = 'held' }
