#include "kpd/calc/channel.h"

#include "kpd/calc/command_apdu.h"

namespace kpd::calc {
namespace {

/// One command, and the answer to it where there is one.
Done run_command(emvcrypto::SecureChannel& channel, ByteView command, const Bytes* response,
                 Result row) {
  const auto parts = split_command(command);
  if (!parts) return tl::unexpected(parts.error());
  if (parts->data.size() > channel.room())
    return emvcrypto::fault("apdu", "the command's data are too long for this security level");
  Bytes wrapped = channel.wrap(parts->header, parts->data);
  if (parts->le) wrapped.push_back(*parts->le);
  row.hex("wrapped", wrapped);
  if (response == nullptr) return {};
  const ByteView answer(*response);
  const ByteView status = answer.last(2);
  const auto plain = channel.unwrap(answer.first(answer.size() - 2),
                                    static_cast<std::uint16_t>(emvcrypto::to_number(status)));
  if (!plain) return tl::unexpected(plain.error());
  row.hex("response", emvcrypto::concat({*plain, status}));
  return {};
}

/// Secrets as the card takes them.
Done run_secrets(emvcrypto::SecureChannel& channel, const Arguments& arguments, Result& result) {
  if (!arguments.has("secret")) return {};
  Result list = result.list("secrets");
  for (const Secret& secret : arguments.secrets("secret")) {
    if (secret.size() % channel.block_size() != 0) return usage("secret: whole blocks are wanted");
    Secret blocks = secret.duplicate();
    channel.encipher_for_card(blocks.expose_mutable());
    list.group("").hex("enciphered", blocks.expose());
  }
  return {};
}

}  // namespace

Done run_channel(emvcrypto::SecureChannel& channel, const Arguments& arguments, Result& result) {
  const bool genuine = channel.card_is_genuine();
  result.truth("card_is_genuine", genuine);
  if (!genuine)
    return emvcrypto::fault(
        "scp-cryptogram", "the card's cryptogram is wrong: other keys, or another host challenge");
  const auto level = emvcrypto::from_hex(arguments.text("level")).at(0);
  if (!channel.knows_level(level)) return usage("level: this card's option does not know it");
  const Bytes opening = channel.external_authenticate(level);
  result.hex("host_cryptogram", ByteView(opening).subspan(5, 8));
  result.hex("external_authenticate", opening);
  const auto commands = arguments.byte_strings("command");
  const auto responses = arguments.byte_strings("response");
  if (responses.size() > commands.size()) return usage("response: there are more than commands");
  if (const Done done = run_secrets(channel, arguments, result); !done) return done;
  if (commands.empty()) return {};
  Result list = result.list("commands");
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Bytes* response = i < responses.size() ? &responses[i] : nullptr;
    if (const Done done = run_command(channel, commands[i], response, list.group("")); !done)
      return done;
  }
  return {};
}

}  // namespace kpd::calc
