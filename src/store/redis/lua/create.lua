-- Starts a session, which comes as it would have started at 0. Field l: the sessions that may be
-- live, where their number is limited, so that the many that are over are not read at each sign-in.
-- Field p: at how many fields to purge next.
local lifetime, idle, most = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local EVICTED, REPLACED, FEW = 2, 4, 8

local function purge()
  if redis.call('HLEN', key) <= tonumber(redis.call('HGET', key, 'p') or FEW) then return end
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    local field, value = all[at], all[at + 1]
    if #field == 12 and seconds >= struct.unpack('>I4', value, EXPIRES) then
      redis.call('HDEL', key, field)
    end
  end
  redis.call('HSET', key, 'p', math.max(FEW, 2 * redis.call('HLEN', key)))
end

local function candidates()
  local listed = redis.call('HGET', key, 'l')
  if not listed then return redis.call('HKEYS', key) end
  local ids = {}
  for at = 1, #listed, 12 do ids[#ids + 1] = listed:sub(at, at + 11) end
  return ids
end

local function is_older(one, other)
  if one.created ~= other.created then return one.created < other.created end
  for at = 1, 12 do -- strings compare by the locale
    local a, b = one.id:byte(at), other.id:byte(at)
    if a ~= b then return a < b end
  end
  return false
end

-- Ends the oldest live sessions, for one more to fit.
local function make_room()
  local live, listed = {}, {}
  for _, its_id in ipairs(candidates()) do
    local bytes = #its_id == 12 and its_id ~= id and redis.call('HGET', key, its_id)
    if bytes and not why_over(bytes) then
      listed[#listed + 1] = its_id
      local created, seen = struct.unpack('>I4xxxxI4', bytes, CREATED)
      local is_live = now - seen * 1000 < idle
      if is_live then live[#live + 1] = {id = its_id, created = created, bytes = bytes} end
    end
  end
  table.sort(live, is_older)
  local excess = math.max(math.min(#live + 1 - most, #live), 0)
  for at = 1, excess do
    redis.call('HSET', key, live[at].id, ended(live[at].bytes, EVICTED))
  end
  redis.call('HSET', key, 'l', table.concat(listed) .. id)
  return excess
end

-- Ends the session that the same browser had.
local function make_way(replaced)
  local bytes = redis.call('HGET', key, replaced)
  if bytes and bytes:byte(2) == 0 then redis.call('HSET', key, replaced, ended(bytes, REPLACED)) end
end

local evicted = 0
if ARGV[7] ~= '' then make_way(ARGV[7]) end
if most then evicted = make_room() else redis.call('HDEL', key, 'l') end

local expires = math.min(math.floor((now + lifetime) / 1000), 4294967295)
local started = put(ARGV[3], CREATED, struct.pack('>I4I4I4I4', seconds, expires, seconds, epoch))
redis.call('HSET', key, id, put(started, SINCE, struct.pack('>i8', now)))
keep_for(expires * 1000 - now)
purge()
return {now, evicted}
