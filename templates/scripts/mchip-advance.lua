-- Order rules of M/Chip Advance applets as bureaus have seen them (no published rule): one DGI a
-- command; the PIN and its counters, the CRT parts, the keys and their check values behind the
-- rest, in this order; the two control bytes of AD14 last of all, since sent earlier they close the
-- loading of the CRT parts.
local order = {0x8010, 0x9010, 0x8201, 0x8202, 0x8203, 0x8204, 0x8205, 0xA006, 0xA016,
               0x8000, 0x9000, 0x8001, 0x9103, 0x8400, 0x8401, 0xAD14}

function personalise()
  for _, application in ipairs(data.applications()) do
    card.select(application.aid)
    channel.open{security = application.security}
    channel.store(application, {one_dgi = true, last = order})
  end
end
