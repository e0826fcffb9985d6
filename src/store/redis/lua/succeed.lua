-- Where the ticket of a re-authentication stands.
local fresh, grace = ARGV[3], tonumber(ARGV[4])
if not bytes or why_over(bytes) then return 0 end -- S1

local seen, gen, since, parent, next = struct.unpack('>I4xxxxI4xi8xxxxxxxxc8xxxxxxxxc16', bytes, SEEN)
local eldest = bytes:sub(LISTS + 1, LISTS + 8)
local lineage
if next ~= ('\0'):rep(16) then -- S2
  bytes = put(bytes, CLAIMED, struct.pack('>i8', now))
  lineage, gen = next, gen + 1
elseif now - since <= 2 * grace then -- S3
  lineage = eldest .. parent
else -- S4
  lineage, gen = fresh .. eldest, gen + 1
  bytes = put(put(bytes, CLAIMED, struct.pack('>i8', now)), NEXT, lineage)
end
redis.call('HSET', key, id, put(bytes, SEEN, struct.pack('>I4', math.max(seen, seconds))))
return {now, lineage, gen}
