-- The sessions of the subject that are not over.
local all, open = redis.call('HGETALL', key), {}
for at = 1, #all, 2 do
  if #all[at] == 12 and not over(decode(all[at + 1]), epoch) then
    open[#open + 1] = all[at]
    open[#open + 1] = all[at + 1]
  end
end
return {now, epoch, open}
