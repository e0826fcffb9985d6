-- One hash for each subject. Field e: the epoch. Each field of 12 bytes: a session, laid out as in
-- codec.rs. Tokens stay strings, because Lua's numbers hold only 53 bits.
local key, id = KEYS[1], ARGV[2]
local EXPIRED, ENDED_ELSEWHERE = 6, 3
local NONE = ('\0'):rep(8)
local HEAD, TAIL = '>BBI4I4I4I4I4Bi8i8c8c8c8c8I4i8c8', '>Bc0Bc0I2c0I2c0'

local now = tonumber(ARGV[1]) -- only in tests
if not now then
  local clock = redis.call('TIME')
  now = clock[1] * 1000 + math.floor(clock[2] / 1000)
end
local seconds = math.floor(now / 1000)

local function decode(bytes)
  local version, over, created, expires, seen, epoch, gen, claims, since, claimed, parent, before,
    next, next_parent, revision, bound_at, proved, alive, at = struct.unpack(HEAD .. 'B', bytes)
  if version ~= 1 then error('the stored session has another format') end
  local spent = at + 8 * alive
  local tail = spent + 1 + 8 * bytes:byte(spent)
  return {
    over = over, created = created, expires = expires, seen = seen, epoch = epoch,
    gen = gen, claims = claims, since = since, claimed = claimed, parent = parent,
    before = before, next = next, next_parent = next_parent,
    revision = revision, bound_at = bound_at, proved = proved,
    alive = bytes:sub(at, spent - 1), spent = bytes:sub(spent + 1, tail - 1), tail = bytes:sub(tail),
  }
end

local function save(id, r)
  redis.call('HSET', key, id, struct.pack(HEAD, 1, r.over, r.created, r.expires, r.seen, r.epoch,
    r.gen, r.claims, r.since, r.claimed, r.parent, r.before, r.next, r.next_parent,
    r.revision, r.bound_at, r.proved)
    .. string.char(#r.alive / 8) .. r.alive .. string.char(#r.spent / 8) .. r.spent .. r.tail)
end

-- Why the session is over; an idle one is not yet.
local function over(r, epoch)
  if r.over ~= 0 then return r.over end
  if seconds >= r.expires then return EXPIRED end
  if r.epoch < epoch then return ENDED_ELSEWHERE end
end

local function finish(id, r, why)
  r.over, r.claims, r.claimed, r.alive, r.spent = why, 0, 0, '', ''
  r.before, r.next, r.next_parent = NONE, NONE, NONE
  save(id, r)
end

local found = redis.call('HMGET', key, 'e', id)
local epoch = tonumber(found[1] or 0)
local r = found[2] and decode(found[2])
