-- Notes that the device has answered the challenge with this stamp.
local stamp, USED, UNKNOWN = ARGV[3], 0, 8
local why = bytes and why_over(bytes) or not bytes and UNKNOWN
if why then return why end

-- In halves: a number does not hold 64 bits, and strings compare by the locale.
local high, low = struct.unpack('>I4I4', stamp)
local bound_at, last_high, last_low = struct.unpack('>i8I4I4', bytes, BOUND_AT)
local is_later = high > last_high or (high == last_high and low > last_low)
if bound_at == 0 or not is_later then return USED end
redis.call('HSET', key, id, put(bytes, PROVED, stamp))
return {now}
