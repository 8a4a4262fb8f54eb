-- Makes servers known or changes their capacity; what is promised on them stays.
-- keys: servers   args: servers = {{url, capacity}, ...}
-- returns {status = 'registered'}

for _, server in ipairs(args.servers) do
  local known = read(keys.servers, server.url)
  write(keys.servers, server.url, { capacity = server.capacity, reserved = known and known.reserved or 0 })
end
return { status = 'registered' }
