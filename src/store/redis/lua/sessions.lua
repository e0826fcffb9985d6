-- The sessions of the subject that are not over.
local all, open = redis.call('HGETALL', key), {}
for at = 1, #all, 2 do
  local field, value = all[at], all[at + 1]
  if #field == 12 and not why_over(value) then open[#open + 1] = {field, value} end
end
return {now, epoch, open}
