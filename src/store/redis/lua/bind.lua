-- Binds the session to the key of a device. The first one wins.
local its_device, stamp = ARGV[3], ARGV[4]
local BOUND, UNKNOWN, TAKEN = 0, 8, 9
local why = bytes and why_over(bytes) or not bytes and UNKNOWN
if why then return why end

local _, _, tail = lists(bytes)
local label, network, device, payload = struct.unpack(TEXTS, tail)
if device ~= '' then return TAKEN end
bytes = put(bytes, BOUND_AT, struct.pack('>i8', now) .. stamp)
redis.call('HSET', key, id, put_texts(bytes, label, network, its_device, payload))
return BOUND
