-- What is promised to one room, or to all.
-- keys, args: lib-pool.lua   args: room?
-- returns {held = {{room, generation, server, slots, isAlive, isKept, isPlanned, former = {...}?}, ...}}

expire()
local incarnations = {}
local function isSame(part)
  if incarnations[part.server] == nil then
    local server = readServer(part.server)
    incarnations[part.server] = server and server.incarnation or false
  end
  return incarnations[part.server] == part.incarnation
end

local list = {}
local function add(room, held)
  held.room, held.isAlive, held.isPlanned = room, isSame(held), held.isPlanned or false
  held.isKept = redis.call('ZSCORE', keys.unkept, room) == false
  if held.former then held.former.isAlive = isSame(held.former) end
  table.insert(list, held)
end

if args.room then
  local held = read(keys.reservations, args.room)
  if held then add(args.room, held) end
else
  local flat = redis.call('HGETALL', keys.reservations)
  for i = 1, #flat, 2 do add(flat[i], cjson.decode(flat[i + 1])) end
end
return { held = list }
