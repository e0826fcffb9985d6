-- Starts a session. Field l: those that may be live, where their number is limited, so that the
-- many that are over are not read at each sign-in. Field p: at how many fields to purge next.
local lifetime, idle, most = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local EVICTED, FEW = 2, 8

local function purge()
  if redis.call('HLEN', key) <= tonumber(redis.call('HGET', key, 'p') or FEW) then return end
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    local is_session = #all[at] == 12
    if is_session and seconds >= decode(all[at + 1]).expires then
      redis.call('HDEL', key, all[at])
    end
  end
  redis.call('HSET', key, 'p', math.max(FEW, 2 * redis.call('HLEN', key)))
end

local function candidates()
  local listed, ids = redis.call('HGET', key, 'l'), {}
  if not listed then return redis.call('HKEYS', key) end
  for at = 1, #listed, 12 do ids[#ids + 1] = listed:sub(at, at + 11) end
  return ids
end

local function is_older(a, b)
  if a.created ~= b.created then return a.created < b.created end
  for at = 1, 12 do -- strings compare by the locale
    if a.id:byte(at) ~= b.id:byte(at) then return a.id:byte(at) < b.id:byte(at) end
  end
  return false
end

-- Ends the oldest live sessions, for one more to fit.
local function make_room()
  local live, listed = {}, {}
  for _, id_of in ipairs(candidates()) do
    local bytes = #id_of == 12 and id_of ~= id and redis.call('HGET', key, id_of)
    local other = bytes and decode(bytes)
    if other and not over(other, epoch) then
      listed[#listed + 1] = id_of
      other.id = id_of
      if now - other.seen * 1000 < idle then live[#live + 1] = other end
    end
  end
  table.sort(live, is_older)
  local excess = math.max(math.min(#live + 1 - most, #live), 0)
  for at = 1, excess do finish(live[at].id, live[at], EVICTED) end
  redis.call('HSET', key, 'l', table.concat(listed) .. id)
  return excess
end

local evicted = 0
if most then evicted = make_room() else redis.call('HDEL', key, 'l') end

r = decode(ARGV[3])
r.created, r.seen, r.since, r.epoch = seconds, seconds, now, epoch
r.expires = math.min(math.floor((now + lifetime) / 1000), 4294967295)
save(id, r)
keep_until(r.expires * 1000)
purge()
return {now, evicted}
