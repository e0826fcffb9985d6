-- Replaces the app's data; tells whether the session is there to be changed.
local revision, payload = tonumber(ARGV[3]), ARGV[4]
if not r or over(r, epoch) then return 0 end

local label, network, device, present = struct.unpack(TAIL, r.tail)
local is_repeated = r.revision >= revision and present == payload
if not is_repeated then
  r.revision = math.max(r.revision + 1, revision)
  r.tail = struct.pack(TAIL, #label, label, #network, network, #device, device, #payload, payload)
  save(id, r)
end
return 1
