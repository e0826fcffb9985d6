-- Ends all sessions of the subject but one, which goes into the new epoch.
local keep = tonumber(ARGV[3])
redis.call('HSET', key, 'e', epoch + 1)
keep_for(keep)
if bytes and not why_over(bytes) then
  redis.call('HSET', key, id, put(bytes, EPOCH, struct.pack('>I4', epoch + 1)))
end
return 1
