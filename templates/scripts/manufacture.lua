-- The manufacturer's steps before ours, on a chip straight from the factory (the virtual chip
-- `from-factory`), then EMV CPS as the record has it:
--   1. a channel under K(IC), key version FF, the role `chip` of area.yaml
--   2. KEYDATA: KMCID | the chip's serial number (STORE DATA, DGI 00CF), once
--   3. KDC, derived from KMC by that KEYDATA (PUT KEY; GlobalPlatform Card Specification 2.3, 11.8)
--   4. a channel under KDC, so that they are known to be right before K(IC) goes
--   5. SET STATUS INITIALIZED (11.10): K(IC) is gone, KEYDATA and KDC stay
-- A chip that lost its power in between goes on where it stopped; one that is through is only
-- personalised. Parameters:
--   isd          AID of the security domain, in hexadecimal
--   kmc_id       KMCID, 6 bytes
--   version      version of KDC
--   personalise  "no": the chip is left when it is INITIALIZED
local FACTORY = 0xFF  -- version of K(IC)

local isd, kmc_id, version

local function tell(tag)
  return (card.send{cla = 0x80, ins = 0xCA, p2 = tag, le = 256, name = "GET DATA"})
end

-- Key version that comes first and KEYDATA, as GET DATA tells them.
local function told()
  local cf = find(0xCF, tell(0xCF))
  if not cf or #cf ~= 11 then fail("the chip does not tell its KEYDATA") end
  return cf:byte(1), cf:sub(2)
end

-- Whether an earlier attempt brought KDC: key information is E0 { C0 { number, version .. } .. }.
local function has_keys()
  local sets = find(0xE0, tell(0xE0))
  for at = 1, #(sets or ""), 6 do
    if sets:byte(at + 3) == version then return true end
  end
  return false
end

local function manufacture(present)
  local key_data = kmc_id .. present:sub(7)
  local replaced = has_keys() and version or 0
  channel.open{keys = "chip", version = FACTORY, security = 0x03}
  if present ~= key_data then
    channel.send{cla = 0x80, ins = 0xE2, p1 = 0x80, data = dgi(0x00CF, key_data),
                 name = "STORE DATA"}
  end
  channel.put_key{keys = hsm.card_keys("card", {key_data = key_data}), new_version = version,
                  version = replaced}
  card.select(isd)
  channel.open{version = version, security = 0x03}
  channel.send{cla = 0x80, ins = 0xF0, p1 = 0x80, p2 = 0x07, name = "SET STATUS"}
end

function personalise()
  isd = hex(data.parameter("isd") or "A000000151000000")
  kmc_id = hex(data.parameter("kmc_id") or "541312FFFFFF")
  version = tonumber(data.parameter("version") or "1")
  card.select(isd)
  local first, present = told()
  if first == FACTORY then manufacture(present) end
  if data.parameter("personalise") == "no" then return end
  for _, application in ipairs(data.applications()) do
    card.select(application.aid)
    channel.open{security = application.security}
    channel.store(application)
  end
end
