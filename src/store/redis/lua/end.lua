-- Ends a session; tells whether it was there to be ended. The first reason stands, but that
-- a revocation overrides any other.
local why, REVOKED = tonumber(ARGV[3]), 7
if not bytes then return 0 end

local was_over, reason = why_over(bytes), bytes:byte(2)
if reason == 0 or (why == REVOKED and reason ~= REVOKED) then
  redis.call('HSET', key, id, ended(bytes, why))
end
return was_over and 0 or 1
