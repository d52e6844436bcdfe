-- EMV CPS as the record has it: every application in its order, at the security level that the
-- record asks for (EMV CPS 1.1, 3.2). What `kpd load` does without a script.
function personalise()
  for _, application in ipairs(data.applications()) do
    card.select(application.aid)
    channel.open{security = application.security}
    channel.store(application)
  end
end
