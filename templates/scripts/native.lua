-- A native card: no GlobalPlatform and no STORE DATA, but files made by commands of its own
-- (ISO/IEC 7816-4 and 7816-9; docs/chips.md, "Native cards"). The whole card is made through one
-- channel: for each application of the record a DF, its groupings as files and keys, then the DF is
-- activated; the master file last of all, which ends the making of the card.
--   grouping                            becomes
--   SSRR (SFI and number of a record)   record RR of a file with SFI SS
--   a secret one                        a key of the DF's key file, by WRITE KEY
--   0062                                the files that its templates tell; their groupings fill them
--   any other                           an internal file with the grouping as identifier
-- A card that an earlier attempt left unfinished is begun again; a finished one refuses the channel.
local PIECE = 192  -- bytes of a command, so that MAC and encipherment have room
local MASTER, FIRST_FOLDER = 0x3F00, 0xDF01
local RECORDS, KEYS = 0xEF00, 0xEFFF  -- identifiers of files that no grouping names

local function create(control, ok)
  return channel.send{ins = 0xE0, data = tlv(0x62, control), ok = ok, name = "CREATE FILE"}
end

local function select(id)
  channel.send{ins = 0xA4, p2 = 0x0C, data = number(id, 2), name = "SELECT"}
end

local function activate(id)
  select(id)
  channel.send{ins = 0x44, name = "ACTIVATE FILE"}
end

local function delete(id)
  channel.send{ins = 0xE4, data = id and number(id, 2), name = "DELETE FILE"}
end

local function create_folder(id, aid)
  local control = hex "820138" .. tlv(0x83, number(id, 2)) .. tlv(0x84, aid)
  for _ = 1, 3 do
    local _, status = create(control, {0x9000, 0x6A89, 0x6A8A})
    if status == 0x9000 then return end
    if status == 0x6A89 then  -- the identifier is taken, otherwise the name
      delete(id)
    else
      channel.send{ins = 0xA4, p1 = 0x04, p2 = 0x0C, data = aid, name = "SELECT"}
      delete()
    end
  end
  fail("what an earlier attempt left cannot be deleted")
end

local function write(bytes)
  for at = 0, #bytes - 1, PIECE do
    channel.send{ins = 0xD6, p1 = at >> 8, p2 = at & 0xFF, data = bytes:sub(at + 1, at + PIECE),
                 name = "UPDATE BINARY"}
  end
end

local function append(record)
  for at = 1, #record, PIECE do
    local more = at + PIECE <= #record
    channel.send{cla = more and 0x10 or 0x00, ins = 0xE2, data = record:sub(at, at + PIECE - 1),
                 name = "APPEND RECORD"}
  end
end

local function write_internal(d)
  create(hex "820109" .. tlv(0x83, number(d.id, 2)) .. tlv(0x80, number(d.size, 2)))
  write(d.value)
end

-- The records of one SFI: they are appended, so that none may be missing.
local function write_records(sfi, records, last)
  local size = 0
  for _, record in pairs(records) do size = size + #record end
  create(hex "8204042100FE" .. tlv(0x83, number(RECORDS | sfi, 2)) .. tlv(0x80, number(size, 2)) ..
         tlv(0x88, number(sfi << 3, 1)))
  for i = 1, last do
    if not records[i] then fail("records of SFI " .. sfi .. " begin with 1 and leave none out") end
    append(records[i])
  end
end

local function write_keys(keys)
  if #keys == 0 then return end
  local size = 0
  for _, d in ipairs(keys) do size = size + (d.size + 15) // 16 * 16 end  -- whole AES blocks
  create(hex "82040C2100FE" .. tlv(0x83, number(KEYS, 2)) .. tlv(0x80, number(size, 2)))
  for _, d in ipairs(keys) do
    channel.send{cla = 0x80, ins = 0xD4, p1 = d.id >> 8, p2 = d.id & 0xFF, data = d.value,
                 name = "WRITE KEY"}
  end
end

-- The files of grouping 0062, its templates as they stand, and what fills them.
local function write_files(templates, contents)
  local made, at = {}, 1
  while at < #templates do
    local size = templates:byte(at + 1)
    local control = templates:sub(at + 2, at + 1 + size)
    create(control)
    local id = find(0x83, control):byte(1) << 8 | find(0x83, control):byte(2)
    local descriptor, content = find(0x82, control), contents[id] or ""
    if #descriptor == 1 then
      write(content)
    else
      local length = descriptor:byte(3) << 8 | descriptor:byte(4)
      for i = 1, #content, length do append(content:sub(i, i + length - 1)) end
    end
    made[id] = true
    at = at + 2 + size
  end
  return made
end

-- Payment applications keep internal data in 0D01 and 0E01, which look like records.
local function is_record(d, payment)
  local sfi, record = d.id >> 8, d.id & 0xFF
  if payment and (d.id == 0x0D01 or d.id == 0x0E01) then return false end
  return sfi >= 1 and sfi <= 30 and record > 0
end

local function write_application(application)
  local contents = {}
  for _, d in ipairs(application.dgis) do
    if not d.secret then contents[d.id] = d.value end
  end
  local payment = contents[0x9104] or contents[0xA005]
  local done = contents[0x0062] and write_files(contents[0x0062], contents) or {}
  done[0x0062] = true
  local keys, records, order = {}, {}, {}
  for _, d in ipairs(application.dgis) do
    if done[d.id] then  -- it is a file already
    elseif d.secret then
      keys[#keys + 1] = d
    elseif is_record(d, payment) then
      local sfi, record = d.id >> 8, d.id & 0xFF
      if not records[sfi] then
        records[sfi] = {}
        order[#order + 1] = sfi
      end
      records[sfi][record] = d.value
    else
      write_internal(d)
    end
  end
  for _, sfi in ipairs(order) do
    local last = 0
    for i in pairs(records[sfi]) do last = math.max(last, i) end
    write_records(sfi, records[sfi], last)
  end
  write_keys(keys)
end

function personalise()
  local applications = data.applications()
  local security = 0
  for _, application in ipairs(applications) do security = security | application.security end
  channel.open{security = security}
  for i, application in ipairs(applications) do
    local folder = FIRST_FOLDER + i - 1
    create_folder(folder, application.aid)
    write_application(application)
    activate(folder)
  end
  activate(MASTER)
end
