-- Notes that the device has answered the challenge with this stamp.
local stamp, USED, UNKNOWN = ARGV[3], 0, 8
if not r then return UNKNOWN end
local why = over(r, epoch)
if why then return why end

-- In halves: a number does not hold 64 bits, and strings compare by the locale.
local high, low = struct.unpack('>I4I4', stamp)
local last_high, last_low = struct.unpack('>I4I4', r.proved)
local is_later = high > last_high or (high == last_high and low > last_low)
if r.bound_at == 0 or not is_later then return USED end
r.proved = stamp
save(id, r)
return {now}
