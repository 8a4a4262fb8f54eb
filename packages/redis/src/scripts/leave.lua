-- Ends the caller's session. The presenter's ends the broadcast with every session in it, and says so on the bus. A
-- session restored with epoch 0, which nobody remembers, is ended by whoever remembers it.
-- keys: room, sessions, eventLog   args: session, epoch, eventChannel
-- returns {status = 'left', media|null} | {status = 'ended', generation, media = {server, pipeline}|null}
--       | {status = 'fenced'} | {status = 'unknown'}

local session = readSession(args.session)
if not session then return { status = 'unknown' } end
if session.epoch ~= args.epoch and session.epoch ~= 0 then return { status = 'fenced' } end
return finish(readRoom(), args.session, session)
