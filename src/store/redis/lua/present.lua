-- Judges a ticket. Answers a number where it is not let in.
local fresh, token, parent, gen = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local revision, no_cookie, revokes = tonumber(ARGV[7]), ARGV[8] == '1', ARGV[9] == '1'
local rotate_every, grace, idle = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local device_grace, touch_after = tonumber(ARGV[13]), tonumber(ARGV[14])
local IDLE, REVOKED, UNKNOWN, REPLAYED, UNBOUND = 5, 7, 8, 9, 10
local ROTATED, CONTESTED, STORE_BEHIND = 1, 2, 3

if not r then return UNKNOWN end
local why = over(r, epoch) -- P1
if why then return why end

local age = math.max(now - r.since, 0) -- a promoted replica's clock may be behind
local in_grace = age <= grace
local function among(tokens, token)
  for at = 1, #tokens, 8 do
    if tokens:sub(at, at + 7) == token then return true end
  end
end

local rule
if among(r.alive, token) then rule = 'P2'
elseif in_grace and among(r.spent, token) then rule = 'P3'
elseif among(r.alive, parent) then rule = 'P4'
elseif parent == r.parent and #r.alive < 8 * 8 then rule = 'P5'
elseif in_grace and parent == r.before then rule = 'P6'
elseif gen > r.gen + 1 then rule = 'P7'
else rule = 'P8' end

local is_idle = now - r.seen * 1000 >= idle
if is_idle and rule ~= 'P8' then
  finish(id, r, IDLE)
  return IDLE
end

local device, payload = '', ''
if r.bound_at ~= 0 or r.revision > revision then
  local _, _, key_of_device, newest = struct.unpack(TAIL, r.tail)
  device, payload = key_of_device, newest
end
local is_bound = device ~= ''
if no_cookie and is_bound and not is_idle and now - r.bound_at > device_grace then return UNBOUND end

if rule == 'P8' then
  if revokes then finish(id, r, REVOKED) end
  return REPLAYED
end

local successor, note, changed = '', 0, true
if rule == 'P2' and r.next == fresh then -- the same call again: its own claim
  successor, changed = r.next .. r.next_parent, false
elseif rule == 'P2' and age >= rotate_every
  and (r.claimed == 0 or now - r.claimed >= 6 * grace or r.claims >= 3) then
  note = r.claims >= 3 and CONTESTED or 0
  r.next, r.next_parent, r.claimed, r.claims = fresh, token, now, math.min(r.claims + 1, 3)
  successor = fresh .. token
elseif rule == 'P4' or rule == 'P7' then
  note = rule == 'P4' and ROTATED or STORE_BEHIND
  r.spent = r.alive .. (rule == 'P7' and parent or '')
  r.before, r.parent, r.alive, r.gen, r.since = r.parent, parent, token, gen, now
  r.next, r.next_parent, r.claimed, r.claims = NONE, NONE, 0, 0
elseif rule == 'P5' then
  r.alive = r.alive .. token
else -- P3, P6, and a P2 that is not due
  changed = false
end

if math.max(seconds - r.seen, 0) * 1000 >= touch_after then
  r.seen, changed = seconds, true
end
if changed then save(id, r) end
local newer = r.revision > revision
return {now, successor, r.gen + 1, note, is_bound and 1 or 0, newer and r.revision or 0,
  newer and payload or ''}
