-- A session after its end: nothing of its tokens is needed again, but for their last parent.
local function ended(bytes, why)
  local _, _, tail = lists(bytes)
  return bytes:sub(1, 1) .. string.char(why) .. bytes:sub(3, 22) .. '\0' .. bytes:sub(24, 31)
    .. ('\0'):rep(8) .. bytes:sub(40, 47) .. ('\0'):rep(24) .. bytes:sub(72, 91) .. '\0\0' .. tail
end
