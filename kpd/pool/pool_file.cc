#include "kpd/pool/pool_file.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "kpd/exit_code.h"
#include "kpd/files/atomic_file.h"

namespace kpd {
namespace {

using emvcrypto::Aead;
using emvcrypto::RsaKeyPair;
using emvcrypto::RsaShape;
using emvcrypto::Secret;

constexpr std::string_view kMagic = "KPDP\x01";
constexpr std::string_view kExtension = ".pairs";
constexpr std::string_view kFull = "full";
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kLengthSize = 2;

/// Bytes of a modulus and of each CRT part.
struct Sizes {
  explicit Sizes(const RsaShape& shape) : modulus(shape.bits / 8), part((modulus + 1) / 2) {}
  std::size_t plain() const { return modulus + 5 * part; }
  std::size_t sealed() const { return plain() + Aead::kTagSize; }
  std::size_t modulus, part;
};

template <typename Crt>
auto parts_of(Crt& crt) {
  return std::array{&crt.p, &crt.q, &crt.dp, &crt.dq, &crt.qinv};
}

Bytes nonce(std::size_t number) {
  Bytes bytes;
  emvcrypto::append_number(bytes, number, Aead::kNonceSize);
  return bytes;
}

/// What every pair of a file is bound to.
Bytes binding(pb::PoolHead head) {
  head.clear_sealed_key();
  head.clear_pairs();
  const std::string bytes = head.SerializeAsString();
  return Bytes(bytes.begin(), bytes.end());
}

Secret packed(const RsaKeyPair& pair, const Sizes& sizes) {
  Secret plain(sizes.plain());
  auto to = std::ranges::copy(pair.public_key.modulus, plain.expose_mutable().begin()).out;
  for (const Secret* part : parts_of(pair.crt)) to = std::ranges::copy(part->expose(), to).out;
  return plain;
}

RsaKeyPair unpacked(const Secret& plain, const RsaShape& shape) {
  const Sizes sizes(shape);
  const ByteView modulus = plain.expose().first(sizes.modulus);
  RsaKeyPair pair;
  pair.public_key.modulus = Bytes(modulus.begin(), modulus.end());
  pair.public_key.exponent = shape.exponent == 3 ? Bytes{3} : Bytes{1, 0, 1};
  std::size_t at = sizes.modulus;
  for (Secret* part : parts_of(pair.crt)) {
    *part = Secret(plain.expose().subspan(at, sizes.part));
    at += sizes.part;
  }
  return pair;
}

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& how) {
  throw Failure(ExitCode::hold,
                fmt::format("{}: this file of the pool is damaged ({}): look at who can write "
                            "there, then remove it",
                            file.string(), how));
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty()
             ? std::optional(value)
             : std::nullopt;
}

PoolEntry entry_of(const pb::PoolHead& head) {
  PoolEntry entry;
  entry.shape = {head.bits(), head.exponent(), head.full_parts()};
  entry.made = emvcrypto::parse_iso_date(head.made()).value_or(emvcrypto::Date());
  entry.pairs = head.pairs();
  entry.id = emvcrypto::to_hex(emvcrypto::as_bytes(head.id()));
  return entry;
}

Bytes read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Bytes bytes((std::istreambuf_iterator<char>(in)), {});
  if (!in.is_open() || in.bad())
    throw Failure(ExitCode::io, file.string() + ": this file of the pool cannot be read");
  return bytes;
}

}  // namespace

std::string pool_file_name(const PoolEntry& entry) {
  return fmt::format("{}-{}{}-{}-{}-{}{}", entry.shape.bits, entry.shape.exponent,
                     entry.shape.full_parts ? kFull : "", entry.made.iso(), entry.pairs, entry.id,
                     kExtension);
}

std::optional<PoolEntry> read_pool_file_name(const std::filesystem::path& file) {
  if (file.extension() != kExtension) return std::nullopt;
  const std::string stem = file.stem().string();
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= stem.size();) {
    const std::size_t end = std::min(stem.find('-', at), stem.size());
    words.push_back(std::string_view(stem).substr(at, end - at));
    at = end + 1;
  }
  if (words.size() != 7) return std::nullopt;
  PoolEntry entry;
  entry.file = file;
  entry.shape.full_parts = words[1].ends_with(kFull);
  if (entry.shape.full_parts) words[1].remove_suffix(kFull.size());
  const auto bits = number(words[0]), exponent = number(words[1]), pairs = number(words[5]);
  const auto made =
      emvcrypto::parse_iso_date(fmt::format("{}-{}-{}", words[2], words[3], words[4]));
  if (!bits || !exponent || !pairs || !made) return std::nullopt;
  entry.shape.bits = *bits;
  entry.shape.exponent = *exponent;
  entry.made = *made;
  entry.pairs = *pairs;
  entry.id = words[6];
  return pool_file_name(entry) == file.filename() ? std::optional(entry) : std::nullopt;
}

PoolFileWriter::PoolFileWriter(const RsaShape& shape, const std::string& source,
                               const emvcrypto::Date& made, hsm::Token& token,
                               const hsm::Key& storage)
    : shape_(shape) {
  head_.set_id(std::string(emvcrypto::as_text(token.random(kIdSize))));
  head_.set_bits(shape.bits);
  head_.set_exponent(shape.exponent);
  head_.set_full_parts(shape.full_parts);
  head_.set_made(made.iso());
  head_.set_source(source);
  head_.set_storage_kcv(std::string(emvcrypto::as_text(token.kcv(storage))));
  associated_ = binding(head_);
  const Secret data_key = token.random_secret(Aead::kKeySize);
  const Bytes sealed = token.seal(storage, data_key, associated_);
  head_.set_sealed_key(std::string(emvcrypto::as_text(sealed)));
  aead_.emplace(data_key);
}

void PoolFileWriter::add(const RsaKeyPair& pair) {
  const Secret plain = packed(pair, Sizes(shape_));
  emvcrypto::append(sealed_, aead_->seal(nonce(pairs()), associated_, plain.expose()));
  head_.set_pairs(head_.pairs() + 1);
}

PoolEntry PoolFileWriter::write(const std::filesystem::path& folder) const {
  PoolEntry entry = entry_of(head_);
  entry.file = folder / pool_file_name(entry);
  const std::string head = head_.SerializeAsString();
  Bytes bytes(kMagic.begin(), kMagic.end());
  emvcrypto::append_number(bytes, head.size(), kLengthSize);
  emvcrypto::append(bytes, emvcrypto::as_bytes(head));
  emvcrypto::append(bytes, sealed_);
  AtomicFile file(entry.file);
  file.stream().write(emvcrypto::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  file.commit();
  return entry;
}

PoolFile::PoolFile(PoolEntry entry, hsm::Token& token, const hsm::Key& storage)
    : entry_(std::move(entry)) {
  const Bytes bytes = read_file(entry_.file);
  const std::size_t start = kMagic.size() + kLengthSize;
  if (bytes.size() < start || !emvcrypto::as_text(bytes).starts_with(kMagic))
    damaged(entry_.file, "it is none");
  const ByteView rest = ByteView(bytes).subspan(start);
  const std::size_t length =
      emvcrypto::to_number(ByteView(bytes).subspan(kMagic.size(), kLengthSize));
  const google::protobuf::LogSilencer quiet;  // what is wrong is said here, once
  if (length > rest.size() || !head_.ParseFromArray(rest.data(), static_cast<int>(length)))
    damaged(entry_.file, "its head cannot be read");
  if (pool_file_name(entry_of(head_)) != entry_.file.filename())
    damaged(entry_.file, "its name is another file's");
  const ByteView pairs = rest.subspan(length);
  if (pairs.size() != entry_.pairs * Sizes(entry_.shape).sealed())
    damaged(entry_.file, "its length is wrong");
  sealed_.assign(pairs.begin(), pairs.end());
  associated_ = binding(head_);
  const Bytes kcv = token.kcv(storage);
  if (!std::ranges::equal(emvcrypto::as_bytes(head_.storage_kcv()), kcv))
    throw Failure(ExitCode::hold,
                  fmt::format("{}: these pairs are under another storage key than '{}' (KCV {}): "
                              "purge them (kpd pool purge --all) and fill the pool anew",
                              entry_.file.string(), storage.label(), emvcrypto::to_hex(kcv)));
  aead_.emplace(token.unseal(storage, emvcrypto::as_bytes(head_.sealed_key()), associated_));
}

RsaKeyPair PoolFile::next() {
  const std::size_t size = Sizes(entry_.shape).sealed();
  const auto plain =
      aead_->open_secret(nonce(next_), associated_, ByteView(sealed_).subspan(next_ * size, size));
  if (!plain) damaged(entry_.file, fmt::format("pair {} was changed", next_ + 1));
  ++next_;
  return unpacked(*plain, entry_.shape);
}

}  // namespace kpd
