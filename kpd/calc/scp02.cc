// Secure channel protocol 02.
#include "emvcrypto/scp02.h"

#include "emvcrypto/derivation.h"
#include "kpd/calc/channel.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

using emvcrypto::CardKey;
using emvcrypto::Scp02Key;

/// The card's keys, or the KMC that they come from.
constexpr std::array<Parameter, 5> kCardParameters{
    key("enc", "Card key K-ENC").optional(), key("mac", "Card key K-MAC").optional(),
    key("dek", "Card key K-DEK").optional(),
    key("kmc", "Master key of the cards, instead of the three").optional(),
    choice("rule", "cps split", "How the card's keys come from KMC (see kdc)").or_else("cps")};

struct CardKeys {
  Secret enc, mac, dek;
};

Expected<CardKeys> card_keys(const Arguments& arguments, ByteView key_data) {
  const bool each = arguments.has("enc") && arguments.has("mac") && arguments.has("dek");
  const bool any = arguments.has("enc") || arguments.has("mac") || arguments.has("dek");
  if (arguments.has("kmc") ? any : !each) return usage("wanted: enc, mac and dek; or kmc");
  if (each)
    return CardKeys{arguments.secret("enc").duplicate(), arguments.secret("mac").duplicate(),
                    arguments.secret("dek").duplicate()};
  if (key_data.size() != 10) return usage("missing: keydata, from which KMC makes the card's keys");
  const auto kmc = emvcrypto::make_des(arguments.secret("kmc").expose());
  const auto derived = [&](CardKey which) {
    Secret card_key(arguments.text("rule") == "cps" ? emvcrypto::kdc_input_cps(key_data, which)
                                                    : emvcrypto::kdc_input_split(key_data, which));
    kmc->encrypt(card_key.expose_mutable());
    return card_key;
  };
  return CardKeys{derived(CardKey::enc), derived(CardKey::mac), derived(CardKey::dek)};
}

struct SessionKeys {
  Secret enc, mac, dek;
};

SessionKeys session_keys(const CardKeys& card, ByteView sequence, Result& result) {
  SessionKeys keys{emvcrypto::derive_scp02_key(card.enc, Scp02Key::enc, sequence),
                   emvcrypto::derive_scp02_key(card.mac, Scp02Key::mac, sequence),
                   emvcrypto::derive_scp02_key(card.dek, Scp02Key::dek, sequence)};
  result.key("s_enc", keys.enc, KeyType::des);
  result.key("s_mac", keys.mac, KeyType::des);
  result.key("s_dek", keys.dek, KeyType::des);
  result.key("s_rmac", emvcrypto::derive_scp02_key(card.mac, Scp02Key::rmac, sequence),
             KeyType::des);
  return keys;
}

constexpr auto kKeysParameters =
    join(kCardParameters, std::array{hex("keydata", "KEYDATA, with kmc").sized(10).optional(),
                                     hex("sequence", "Sequence counter").sized(2)});

Done keys(const Arguments& arguments, Result& result) {
  const auto card = card_keys(arguments, arguments.bytes("keydata"));
  if (!card) return tl::unexpected(card.error());
  session_keys(*card, arguments.bytes("sequence"), result);
  return {};
}

constexpr auto kSessionParameters = join(
    kCardParameters,
    std::array{
        hex("host-challenge", "Challenge sent in INITIALIZE UPDATE").sized(8),
        hex("answer", "The card's answer to it, without status word").sized(28),
        choice("level", "00 01 03", "Security level: none, C-MAC, C-MAC and C-ENC").or_else("01"),
        choice("option", "15 55 05", "Option i of the card").or_else("15"), channel_secrets(),
        channel_commands()});

Done session(const Arguments& arguments, Result& result) {
  auto answer = emvcrypto::parse_initialize_update(arguments.bytes("answer"));
  if (!answer) return tl::unexpected(answer.error());
  const auto card = card_keys(arguments, answer->key_data);
  if (!card) return tl::unexpected(card.error());
  result.hex("keydata", answer->key_data);
  result.number("key_version", answer->key_version);
  result.hex("sequence", answer->sequence);
  result.hex("card_challenge", answer->challenge);
  result.hex("card_cryptogram", answer->cryptogram);
  const SessionKeys keys = session_keys(*card, answer->sequence, result);
  emvcrypto::Scp02Keys ciphers{emvcrypto::make_des(keys.enc.expose()),
                               emvcrypto::make_retail_mac_key(keys.mac.expose()),
                               emvcrypto::make_des(keys.dek.expose())};
  const ByteView challenge = arguments.bytes("host-challenge");
  emvcrypto::Scp02Session channel(std::move(ciphers), *std::move(answer),
                                  Bytes(challenge.begin(), challenge.end()),
                                  arguments.text("option") != "05");
  return run_channel(channel, arguments, result);
}

}  // namespace

constinit const Function kScp02Keys{
    "scp02 keys", "Session keys of protocol 02", kKeysParameters,
    "--enc 404142434445464748494A4B4C4D4E4F --mac 404142434445464748494A4B4C4D4E4F "
    "--dek 404142434445464748494A4B4C4D4E4F --sequence 0000 --clear-test-keys",
    keys};
constinit const Function kScp02Session{
    "scp02 session", "Session of protocol 02: cryptograms and wrapped commands", kSessionParameters,
    "--enc 100102030405060708090A0B0C0D0E0F --mac 101102030405060708090A0B0C0D0E0F "
    "--dek 102102030405060708090A0B0C0D0E0F --host-challenge 40A62C37FA6304F8 "
    "--answer 00000000000000000000700200016B4524ABEE7CF32EA3838BC148F3 --level 01 "
    "--command 80F22002 --command 80CA006600 --command 80F220020A4F0212345C054F9F70C5 "
    "--clear-test-keys",
    session};

}  // namespace kpd::calc
