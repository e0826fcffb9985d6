-- The hash lives as long as the longest of its sessions, and with it the epoch.
local function keep_until(at)
  local left, planned = math.max(at - now, 0), redis.call('PTTL', key)
  if planned < 0 or planned < left then redis.call('PEXPIRE', key, left) end
end
