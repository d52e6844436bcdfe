-- Sends what the record itself carries: a field with one command a line, as its issuer wrote it for
-- this card, say to load an application onto a card that is out already.
--   00A4040007F0000000991010        # a comment
--   80E2800003112233 -> 9000 6283   # statuses with which the card goes on; 9000 unless said
-- --parameter field=NAME names the field, APDU unless said.

function personalise()
  local field = data.parameter("field") or "APDU"
  local commands = data.script(field)
  if not commands then fail("the record has no field " .. field) end
  for i, command in ipairs(commands) do
    local _, status = card.transmit(command.command)
    local good = false
    for _, ok in ipairs(command.ok) do good = good or status == ok end
    if not good then fail(string.format("line %d of the record's script: %04X", command.line, status)) end
    progress(i, #commands)
  end
end
