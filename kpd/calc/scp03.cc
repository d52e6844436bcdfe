// Secure channel protocol 03.
#include "emvcrypto/scp03.h"

#include "kpd/calc/channel.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

using emvcrypto::Scp03Use;

constexpr Parameter card_key(std::string_view name, std::string_view help) {
  return key(name, help).sized(16, 32, 8);
}
constexpr std::array<Parameter, 4> kCardParameters{
    card_key("enc", "Card key K-ENC"), card_key("mac", "Card key K-MAC"),
    card_key("dek", "Card key K-DEK (default: K-ENC)").optional(),
    hex("host-challenge", "Challenge sent in INITIALIZE UPDATE").sized(8)};

Expected<emvcrypto::Scp03CardKeys> card_keys(const Arguments& arguments) {
  const Secret& enc = arguments.secret("enc");
  if (enc.size() != arguments.secret("mac").size())
    return usage("enc and mac: keys of one length are wanted");
  const Secret& dek = arguments.has("dek") ? arguments.secret("dek") : enc;
  return emvcrypto::Scp03CardKeys{enc.duplicate(), arguments.secret("mac").duplicate(),
                                  dek.duplicate()};
}

/// The session's keys and both cryptograms from the challenges.
void show_session(const emvcrypto::Scp03CardKeys& card, ByteView context, Result& result) {
  const auto enc = emvcrypto::make_aes(card.enc.expose());
  const auto mac = emvcrypto::make_aes(card.mac.expose());
  const std::size_t size = card.enc.size();
  const Secret s_mac = emvcrypto::scp03_derive(*mac, Scp03Use::mac, size, context);
  result.key("s_enc", emvcrypto::scp03_derive(*enc, Scp03Use::enc, size, context),
             KeyType::aes_card);
  result.key("s_mac", s_mac, KeyType::aes_card);
  result.key("s_rmac", emvcrypto::scp03_derive(*mac, Scp03Use::rmac, size, context),
             KeyType::aes_card);
  const auto cryptograms = emvcrypto::make_aes(s_mac.expose());
  result.hex("card_cryptogram",
             emvcrypto::scp03_derive(*cryptograms, Scp03Use::card_cryptogram, 8, context).expose());
}

constexpr auto kKeysParameters =
    join(kCardParameters, std::array{hex("card-challenge", "Challenge of the card").sized(8)});

Done keys(const Arguments& arguments, Result& result) {
  const auto card = card_keys(arguments);
  if (!card) return tl::unexpected(card.error());
  show_session(
      *card,
      emvcrypto::concat({arguments.bytes("host-challenge"), arguments.bytes("card-challenge")}),
      result);
  return {};
}

constexpr auto kSessionParameters = join(
    kCardParameters,
    std::array{hex("answer", "The card's answer to it, without status word").sized(29, 32),
               choice("level", "00 01 03 11 13 33",
                      "Security level: none, C-MAC, C-MAC and C-ENC; 1x with R-MAC, 33 with R-ENC")
                   .or_else("01"),
               channel_secrets(), channel_commands(),
               hex("response", "Answer to each command: data and status word, in order")
                   .sized(2, 258)
                   .several()
                   .optional()});

Done session(const Arguments& arguments, Result& result) {
  auto answer = emvcrypto::parse_initialize_update_03(arguments.bytes("answer"));
  if (!answer) return tl::unexpected(answer.error());
  auto card = card_keys(arguments);
  if (!card) return tl::unexpected(card.error());
  const ByteView challenge = arguments.bytes("host-challenge");
  const Bytes context = emvcrypto::concat({challenge, answer->challenge});
  result.hex("keydata", answer->key_data);
  result.number("key_version", answer->key_version);
  result.hex("option", Bytes{answer->option});
  result.hex("card_challenge", answer->challenge);
  if (!answer->sequence.empty()) result.hex("sequence", answer->sequence);
  show_session(*card, context, result);
  emvcrypto::Scp03Session channel(emvcrypto::scp03_session_keys(*card, context), *std::move(answer),
                                  Bytes(challenge.begin(), challenge.end()));
  return run_channel(channel, arguments, result);
}

}  // namespace

constinit const Function kScp03Keys{
    "scp03 keys", "Session keys and the card's cryptogram of protocol 03", kKeysParameters,
    "--enc 000102030405060708090A0B0C0D0E0F --mac 101112131415161718191A1B1C1D1E1F "
    "--host-challenge B13E5F938FC108C4 --card-challenge 3EB51047495B249F --clear-test-keys",
    keys};
constinit const Function kScp03Session{
    "scp03 session", "Session of protocol 03: cryptograms, wrapped commands, opened answers",
    kSessionParameters,
    "--enc 000102030405060708090A0B0C0D0E0F --mac 101112131415161718191A1B1C1D1E1F "
    "--host-challenge B13E5F938FC108C4 "
    "--answer 000000000000000000003003703EB51047495B249F66C484C1D2EF1948000002 --level 11 "
    "--command 80E2910006BF3E035C015A00 --command 80F22002 --clear-test-keys",
    session};

}  // namespace kpd::calc
