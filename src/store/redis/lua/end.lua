-- Ends a session; tells whether it was there to be ended. The first reason stands, but that
-- a revocation overrides any other.
local why, REVOKED = tonumber(ARGV[3]), 7
if not r then return 0 end

local was_live = not over(r, epoch)
if r.over == 0 or (why == REVOKED and r.over ~= REVOKED) then finish(id, r, why) end
return was_live and 1 or 0
