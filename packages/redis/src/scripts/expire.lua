-- Ends a session that has been detached since this epoch for at least the grace period: exactly once, whoever asks.
-- keys: room, sessions, eventLog   args: session, epoch, graceMs, eventChannel
-- returns what leave.lua returns | {status = 'attached'} | {status = 'not-yet', dueInMs}

local session = readSession(args.session)
if not session then return { status = 'unknown' } end
if session.epoch ~= args.epoch or session.detachedAtMs == null then return { status = 'attached' } end
local dueInMs = session.detachedAtMs + args.graceMs - nowMs()
if dueInMs > 0 then return { status = 'not-yet', dueInMs = dueInMs } end
return finish(readRoom(), args.session, session)
