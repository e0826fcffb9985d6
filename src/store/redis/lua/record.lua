-- One hash for each subject. Field e: the epoch. Each field of 12 bytes: a session, laid out as in
-- codec.rs. Tokens stay strings, because Lua's numbers hold only 53 bits.
local key, id = KEYS[1], ARGV[2]

local now = tonumber(ARGV[1]) -- only in tests
if not now then
  local clock = redis.call('TIME')
  now = clock[1] * 1000 + math.floor(clock[2] / 1000)
end
local seconds = math.floor(now / 1000)

local found = redis.call('HMGET', key, 'e', id)
local epoch, bytes = tonumber(found[1] or 0), found[2]

-- Why a session is over; an idle one is not yet.
local function why_over(bytes)
  local version, over, expires, born = struct.unpack('>BBxxxxI4xxxxI4', bytes)
  if version ~= 1 then error('the stored session has another format') end
  if over ~= 0 then return over end
  if seconds >= expires then return 6 end -- expired
  if born < epoch then return 3 end -- ended elsewhere
end

-- The tokens that are alive, those that were superseded last, and the label with all after it.
local function lists(bytes)
  local spent = 93 + 8 * bytes:byte(92)
  local tail = spent + 1 + 8 * bytes:byte(spent)
  return bytes:sub(93, spent - 1), bytes:sub(spent + 1, tail - 1), bytes:sub(tail)
end
