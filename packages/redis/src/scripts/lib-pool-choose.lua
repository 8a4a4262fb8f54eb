-- Chooses a server: packages/core/src/domain/placement.ts is the policy, the contract suite holds this to it.
-- Looks at the least loaded ones of the index first, and at no more than it must: what it costs does not grow with
-- the number of servers, but for the index's logarithm and where hardly any server fits.

local batch = 8
local mostLooked = 128

local function hasLabels(server, wanted)
  for name, value in pairs(wanted or {}) do
    if server.labels[name] ~= value then return false end
  end
  return true
end

local function isBetter(a, b)
  if not b then return true end
  if a.fits ~= b.fits then return a.fits end
  if a.isPreferred ~= b.isPreferred then return a.isPreferred end
  if a.order ~= b.order then return a.order < b.order end
  return a.url < b.url
end

local function anyLabelKey(wanted)
  for name, value in pairs(wanted or {}) do return args.labelPrefix .. name .. '=' .. value end
  return nil
end

-- The best of one index. Ordered as they are by load, the batch with the first fit in it is the last to be looked at:
-- counts fade with time, and within a batch they are taken anew.
local function bestOf(index, best)
  local from = 0
  while from < mostLooked do
    local urls = redis.call('ZRANGE', index, from, from + batch - 1)
    for _, url in ipairs(urls) do
      local server = readServer(url)
      local free = server and freeSlots(server) or 0
      if free > 0 and url ~= args.except and hasLabels(server, args.require) then
        local fits = free >= args.slots
        local candidate = { url = url, server = server, fits = fits, isPreferred = hasLabels(server, args.prefer),
          order = fits and loadOf(server) or -free }
        if isBetter(candidate, best) then best = candidate end
      end
    end
    if #urls < batch or (best and best.fits) then break end
    from = from + batch
  end
  return best
end

-- Returns the url, and the server as it is.
local function choose()
  local best
  if args.to then
    local server = readServer(args.to)
    if server and freeSlots(server) > 0 and args.to ~= args.except and hasLabels(server, args.require) then
      return args.to, server
    end
    return nil
  end
  local preferred = anyLabelKey(args.prefer)
  if preferred then best = bestOf(preferred, nil) end
  if not (best and best.fits and best.isPreferred) then
    best = bestOf(anyLabelKey(args.require) or keys.open, best)
  end
  if best then return best.url, best.server end
  return nil
end

-- A place for `generation` on the chosen server, and no less of it than a presenter needs; nil when the pool is full.
local function newPlace(generation)
  local url, server = choose()
  if not url then return nil end
  local slots = math.min(freeSlots(server), args.slots, 1 + spareSlots())
  server.recent = rampOf(server) + slots
  server.recentAtMs = now
  writeServer(url, server)
  return { generation = generation, server = url, incarnation = server.incarnation, slots = slots }
end
