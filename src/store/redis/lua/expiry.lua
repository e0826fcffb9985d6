-- The hash lives as long as the longest of its sessions, and with it the epoch.
local function keep_for(span)
  local planned = redis.call('PTTL', key)
  if planned < 0 or planned < span then redis.call('PEXPIRE', key, math.max(span, 0)) end
end
