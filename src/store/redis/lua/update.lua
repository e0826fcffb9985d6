-- Replaces the app's data; tells whether the session is there to be changed.
local its_revision, its_payload = tonumber(ARGV[3]), ARGV[4]
if not bytes or why_over(bytes) then return 0 end

local revision = struct.unpack('>I4', bytes, REVISION)
local _, _, tail = lists(bytes)
local label, network, device, payload = struct.unpack(TEXTS, tail)
local is_repeated = revision >= its_revision and payload == its_payload
if not is_repeated then
  bytes = put(bytes, REVISION, struct.pack('>I4', math.max(revision + 1, its_revision)))
  redis.call('HSET', key, id, put_texts(bytes, label, network, device, its_payload))
end
return 1
