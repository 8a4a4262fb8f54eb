-- The caller's session has lost its socket: its grace period begins. Once begun it is not begun anew.
-- keys: room, sessions, eventLog   args: session, epoch
-- returns {status = 'detached'} | {status = 'fenced'}

local session = attached()
if not session then return { status = 'fenced' } end
if session.detachedAtMs == null then
  session.detachedAtMs = nowMs()
  writeSession(args.session, session)
  notePresence(args.session, session)
end
return { status = 'detached' }
