-- Binds the session to the key of a device. The first one wins.
local key_of_device, stamp = ARGV[3], ARGV[4]
local BOUND, UNKNOWN, TAKEN = 0, 8, 9
if not r then return UNKNOWN end
local why = over(r, epoch)
if why then return why end

local label, network, device, payload = struct.unpack(TAIL, r.tail)
if device ~= '' then return TAKEN end
r.bound_at, r.proved = now, stamp
r.tail = struct.pack(TAIL, #label, label, #network, network, #key_of_device, key_of_device,
  #payload, payload)
save(id, r)
return BOUND
