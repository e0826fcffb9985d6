-- Judges a ticket by the rules of the table in rotation.rs. Answers why it is not let in, or the
-- time if there is nothing else to say.
local token, its_parent, its_gen, its_revision, fresh, no_cookie, revokes =
  struct.unpack('>c8c8I4I4c8BB', ARGV[3])
local rotate_every, grace, idle, touch_after, device_grace = struct.unpack('>i8i8i8i8i8', ARGV[4])
local IDLE, REVOKED, UNKNOWN, REPLAYED, UNBOUND = 5, 7, 8, 9, 10
local ROTATED, CONTESTED, STORE_BEHIND = 1, 2, 3

if not bytes then return UNKNOWN end
local why = why_over(bytes) -- P1
if why then return why end

local seen, gen, claims, since, claimed, parent, before, next, next_parent, revision, bound_at =
  struct.unpack('>I4xxxxI4Bi8i8c8c8c8c8I4i8', bytes, 11)
local alive, spent, tail = lists(bytes)

local function among(tokens, token)
  for at = 1, #tokens, 8 do
    if tokens:sub(at, at + 7) == token then return true end
  end
end

local age = math.max(now - since, 0) -- a promoted replica's clock may be behind
local in_grace = age <= grace
local rule
if among(alive, token) then rule = 'P2'
elseif in_grace and among(spent, token) then rule = 'P3'
elseif among(alive, its_parent) then rule = 'P4'
elseif its_parent == parent and #alive < 8 * 8 then rule = 'P5'
elseif in_grace and its_parent == before then rule = 'P6'
elseif its_gen > gen then rule = 'P7'
else rule = 'P8' end

local is_idle = now - seen * 1000 >= idle
if is_idle and rule ~= 'P8' then
  redis.call('HSET', key, id, ended(bytes, IDLE))
  return IDLE
end

local is_bound = bound_at ~= 0
if is_bound and no_cookie == 1 and not is_idle and now - bound_at > device_grace then
  return UNBOUND
end

if rule == 'P8' then
  if revokes == 1 then redis.call('HSET', key, id, ended(bytes, REVOKED)) end
  return REPLAYED
end

local is_due = rule == 'P2' and age >= rotate_every
local successor, note, changed = '', 0, true
if is_due and next == fresh then -- the same call again: its own claim
  successor, changed = next .. next_parent, false
elseif is_due and (claimed == 0 or now - claimed >= 6 * grace or claims >= 3) then
  if claims >= 3 then note = CONTESTED end
  next, next_parent, claimed, claims = fresh, token, now, math.min(claims + 1, 3)
  successor = next .. next_parent
elseif rule == 'P4' or rule == 'P7' then
  note = rule == 'P4' and ROTATED or STORE_BEHIND
  spent = rule == 'P4' and alive or alive .. its_parent
  before, parent, alive, gen, since = parent, its_parent, token, its_gen, now
  next, next_parent, claimed, claims = ('\0'):rep(8), ('\0'):rep(8), 0, 0
elseif rule == 'P5' then
  alive = alive .. token
else -- P3, P6, and a P2 that is not due
  changed = false
end

if (seconds - seen) * 1000 >= touch_after then
  seen, changed = seconds, true
end
if changed then
  redis.call('HSET', key, id, bytes:sub(1, 10) .. struct.pack('>I4', seen) .. bytes:sub(15, 18)
    .. struct.pack('>I4Bi8i8', gen, claims, since, claimed)
    .. parent .. before .. next .. next_parent .. bytes:sub(72, 91)
    .. string.char(#alive / 8) .. alive .. string.char(#spent / 8) .. spent .. tail)
end

local payload, is_newer = '', revision > its_revision
if is_newer then
  local _, _, _, newest = struct.unpack('>Bc0Bc0I2c0I2c0', tail)
  payload = newest
end
if successor == '' and note == 0 and not is_newer and not is_bound then return now end
return {now, successor, gen + 1, note, is_newer and revision or 0, payload, is_bound and 1 or 0}
