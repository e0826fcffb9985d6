-- What is changed in a session, by where it is. After LISTS: label, network, device, payload.
local CREATED, EXPIRES, SEEN, EPOCH, SINCE, CLAIMED, NEXT = 3, 7, 11, 15, 24, 32, 56
local REVISION, BOUND_AT, PROVED, LISTS = 72, 76, 84, 92
local TEXTS = '>Bc0Bc0I2c0I2c0'

local function put(bytes, at, part)
  return bytes:sub(1, at - 1) .. part .. bytes:sub(at + #part)
end

local function put_texts(bytes, label, network, device, payload)
  local _, _, tail = lists(bytes)
  return bytes:sub(1, #bytes - #tail) .. struct.pack(TEXTS, #label, label, #network, network,
    #device, device, #payload, payload)
end
