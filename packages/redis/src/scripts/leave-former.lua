-- Nobody needs what a moved room played before: it is to be released by whoever is told.
-- keys: room, sessions, eventLog   args: generation
-- returns {status = 'left', media = {server, pipeline}} | {status = 'superseded'}

local room = readRoom()
if tonumber(room.formerGeneration or '-1') ~= args.generation then return { status = 'superseded' } end
forgetFormer()
return { status = 'left', media = formerOf(room) }
