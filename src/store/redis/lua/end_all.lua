-- Ends all sessions of the subject but this one.
local keep = tonumber(ARGV[3])
redis.call('HSET', key, 'e', epoch + 1)
if r and not over(r, epoch) then
  r.epoch = epoch + 1
  save(id, r)
end
keep_until(now + keep)
return 1
