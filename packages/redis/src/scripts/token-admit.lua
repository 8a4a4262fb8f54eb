-- May a session use a join token? One that is good for one time belongs to the session that showed it first.
-- keys: revoked, revokedAt, used   args: id?, identity?, issuedAtMs?, expiresAtMs, isOneTime, session
-- returns {status = 'admitted'} | {status = 'used'} | {status = 'revoked'}

local function isGiven(value)
  return value ~= nil and value ~= cjson.null
end

if isGiven(args.id) and redis.call('HEXISTS', keys.revoked, 'token:' .. args.id) == 1 then
  return { status = 'revoked' }
end
if isGiven(args.identity) then
  local json = redis.call('HGET', keys.revoked, 'identity:' .. args.identity)
  local issuedAtMs = isGiven(args.issuedAtMs) and args.issuedAtMs or 0
  if json and issuedAtMs <= cjson.decode(json).atMs then return { status = 'revoked' } end
end
if not args.isOneTime then return { status = 'admitted' } end

-- Kept a minute longer than the token is good for: the clocks of nodes differ.
redis.call('SET', keys.used, args.session, 'NX', 'PXAT', args.expiresAtMs + 60000)
local owner = redis.call('GET', keys.used)
return { status = (owner == args.session or not owner) and 'admitted' or 'used' }
