-- Puts back the promise of a live broadcast that Redis has forgotten. Nothing newer is overwritten. The server may not
-- be registered yet: its capacity comes later.
-- keys: servers, reservations, unkept   args: room, generation, server, slots
-- returns {status = 'restored'} | {status = 'known'}

local held = read(keys.reservations, args.room)
if held and (held.generation > args.generation or (held.generation == args.generation and held.slots >= args.slots)) then
  return { status = 'known' }
end
if held then drop(args.room, held) end
local server = read(keys.servers, args.server) or { capacity = 0, reserved = 0 }
server.reserved = server.reserved + args.slots
write(keys.servers, args.server, server)
write(keys.reservations, args.room, { generation = args.generation, server = args.server, slots = args.slots })
return { status = 'restored' }
