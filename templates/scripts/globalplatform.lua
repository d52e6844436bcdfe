-- A GlobalPlatform card that comes with its security domain and modules alone: every application of
-- the record is installed anew from a module, then personalised over a channel of its own
-- (GlobalPlatform Card Specification 2.3, 11.2, 11.5; EMV CPS 1.1, 3.2). Parameters:
--   isd           AID of the security domain, in hexadecimal
--   module.AID    the module for the application with this AID
--   load_file     AID of the load file that holds the modules (otherwise a module's first 5 bytes)
--   delete        "yes": instances that are there already are deleted first; otherwise such a card is
--                 refused, since it may be a finished one
--   secure        "yes": the card's life cycle goes on to SECURED (11.10)
-- Modules that no parameter names are those of the virtual chip `globalplatform`.
local DIRECTORIES = {["315041592E5359532E4444463031"] = true,
                     ["325041592E5359532E4444463031"] = true}

local function parameter(name, otherwise)
  return hex(data.parameter(name) or otherwise)
end

local function sized(bytes)
  return number(#bytes, 1) .. bytes
end

local function has_dgi(application, wanted)
  for _, d in ipairs(application.dgis) do
    if d.id == wanted then return true end
  end
  return false
end

local function module_of(application)
  local aid = tohex(application.aid)
  local otherwise = "F00000005201"  -- files
  if DIRECTORIES[aid] then
    otherwise = "F00000005001"
  elseif has_dgi(application, 0xA005) then
    otherwise = "F00000005103"
  elseif has_dgi(application, 0x9104) then
    otherwise = "F00000005101"
  end
  return parameter("module." .. aid, otherwise)
end

local function install(application)
  local module = module_of(application)
  local load_file = data.parameter("load_file") and parameter("load_file") or module:sub(1, 5)
  if data.parameter("delete") == "yes" then
    channel.send{cla = 0x80, ins = 0xE4, data = tlv(0x4F, application.aid), le = 256,
                 name = "DELETE", ok = {0x9000, 0x6A88}}  -- 6A88: it was not there
  end
  channel.send{cla = 0x80, ins = 0xE6, p1 = 0x0C, name = "INSTALL", le = 256,
               data = sized(load_file) .. sized(module) .. sized(application.aid) ..
                      sized(hex "00") .. sized(tlv(0xC9, "")) .. hex "00"}
end

function personalise()
  local isd = parameter("isd", "A000000151000000")
  card.select(isd)
  channel.open{security = 0x03}
  for _, application in ipairs(data.applications()) do install(application) end
  for _, application in ipairs(data.applications()) do
    card.select(application.aid)
    channel.open{security = application.security}
    channel.store(application)
  end
  if data.parameter("secure") == "yes" then
    card.select(isd)
    channel.open{security = 0x03}
    for _, state in ipairs{0x07, 0x0F} do  -- INITIALIZED, SECURED
      channel.send{cla = 0x80, ins = 0xF0, p1 = 0x80, p2 = state, name = "SET STATUS"}
    end
  end
end
