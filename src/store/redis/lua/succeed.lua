-- Where the ticket of a re-authentication stands.
local fresh, grace = ARGV[3], tonumber(ARGV[4])
if not r or over(r, epoch) then return 0 end -- S1

local token, parent, gen
r.seen = math.max(r.seen, seconds)
if r.next ~= NONE then -- S2
  token, parent, gen = r.next, r.next_parent, r.gen + 1
  r.claimed = now
elseif now - r.since <= 2 * grace then -- S3
  token, parent, gen = r.alive:sub(1, 8), r.parent, r.gen
else -- S4
  token, parent, gen = fresh, r.alive:sub(1, 8), r.gen + 1
  r.next, r.next_parent, r.claimed = token, parent, now
end
save(id, r)
return {now, token .. parent, gen}
