-- Puts back the promise of a live broadcast that Redis has forgotten. Nothing newer is overwritten. The server may not
-- be known yet: its capacity comes later.
-- keys, args: lib-pool.lua   args: room, generation, server, slots
-- returns {status = 'restored'} | {status = 'known'}

local held = read(keys.reservations, args.room)
if held and (held.generation > args.generation or (held.generation == args.generation and held.slots >= args.slots)) then
  return { status = 'known' }
end
local server = readServer(args.server)
if not server then
  server = newServer()
  writeServer(args.server, server)
end
replace(args.room, held,
  { generation = args.generation, server = args.server, incarnation = server.incarnation, slots = args.slots }, false)
return { status = 'restored' }
