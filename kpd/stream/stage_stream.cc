#include "kpd/stream/stage_stream.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <initializer_list>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::string_view kMagic = "KPDS";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMaxHeader = 1 << 16;
constexpr std::size_t kMaxFrame = 1 << 20;

void write_bytes(std::ostream& out, ByteView bytes) {
  out.write(emvcrypto::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  if (!out)
    throw Failure(ExitCode::io,
                  "a stage file cannot be written: is the disk full, or did the next "
                  "stage of the pipe end?");
}

Bytes read_bytes(std::istream& in, std::size_t count) {
  Bytes bytes(count);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

[[noreturn]] void damaged(const std::string& how) {
  throw Failure(ExitCode::hold,
                "the stage file is damaged: " + how + "; make it anew with the stage before");
}

Bytes nonce(std::uint64_t frame) {
  Bytes bytes;
  emvcrypto::append_number(bytes, frame, emvcrypto::Aead::kNonceSize);
  return bytes;
}

Bytes with_ordinal(Bytes binding, std::uint64_t ordinal) {
  emvcrypto::append_number(binding, ordinal, 8);
  return binding;
}

}  // namespace

Bytes stream_binding(const pb::StreamHeader& header) {
  Bytes binding;
  const auto bind = [&](std::initializer_list<const std::string*> parts) {
    for (const std::string* part : parts) {
      emvcrypto::append_number(binding, part->size(), 2);
      emvcrypto::append(binding, emvcrypto::as_bytes(*part));
    }
  };
  bind({&header.stage(), &header.run(), &header.plan_digest(), &header.data_key_id()});
  for (const pb::TransportKey& key : header.transport_keys())
    bind({&key.id(), &key.use(), &key.algorithm(), &key.kcv(), &key.method(), &key.kek(),
          &key.kek_kcv(), &key.wrapped()});
  return binding;
}

StageWriter::StageWriter(std::ostream& out, pb::StreamHeader header, hsm::Token& token,
                         const hsm::Key& storage)
    : out_(out) {
  header.set_version(kVersion);
  header.set_data_key_id(std::string(emvcrypto::as_text(token.kcv(storage))));
  associated_ = stream_binding(header);
  const emvcrypto::Secret data_key = token.random_secret(emvcrypto::Aead::kKeySize);
  const Bytes sealed = token.seal(storage, data_key, associated_);
  header.set_sealed_data_key(std::string(emvcrypto::as_text(sealed)));
  aead_.emplace(data_key);

  const std::string body = header.SerializeAsString();
  Bytes head(kMagic.begin(), kMagic.end());
  head.push_back(kVersion);
  emvcrypto::append_number(head, body.size(), 4);
  emvcrypto::append(head, emvcrypto::as_bytes(body));
  write_bytes(out_, head);
}

void StageWriter::write(const pb::Frame& frame, std::uint64_t ordinal) {
  const std::string body = frame.SerializeAsString();
  const Bytes sealed =
      aead_->seal(nonce(frames_++), with_ordinal(associated_, ordinal), emvcrypto::as_bytes(body));
  Bytes bytes;
  bytes.reserve(12 + sealed.size());
  emvcrypto::append_number(bytes, sealed.size(), 4);
  emvcrypto::append_number(bytes, ordinal, 8);
  emvcrypto::append(bytes, sealed);
  write_bytes(out_, bytes);
}

void StageWriter::write(const pb::Card& card) {
  pb::Frame frame;
  *frame.mutable_card() = card;
  write(frame, card.ordinal());
}

void StageWriter::write(const pb::Reject& reject) {
  pb::Frame frame;
  *frame.mutable_reject() = reject;
  write(frame, reject.ordinal());
}

void StageWriter::finish(const pb::End& end) {
  pb::Frame frame;
  *frame.mutable_end() = end;
  write(frame, end.read());
  out_.flush();
  if (!out_) throw Failure(ExitCode::io, "a stage file cannot be written to its end");
}

pb::StreamHeader read_stage_head(std::istream& in) {
  const Bytes head = read_bytes(in, kMagic.size() + 5);
  if (head.empty())
    throw Failure(ExitCode::hold, "nothing came in: did the stage before this one fail?");
  if (head.size() < kMagic.size() + 5 || emvcrypto::as_text(ByteView(head).first(4)) != kMagic)
    throw Failure(ExitCode::hold, "this is not a stage file");
  if (head[4] != kVersion)
    throw Failure(ExitCode::hold, fmt::format("stage file version {} is unknown here", head[4]));
  const std::size_t length = emvcrypto::to_number(ByteView(head).subspan(5, 4));
  if (length > kMaxHeader) damaged("its head is too long");
  const Bytes body = read_bytes(in, length);
  const google::protobuf::LogSilencer quiet;  // what is wrong is said here, once
  pb::StreamHeader header;
  if (body.size() != length || !header.ParseFromString(std::string(emvcrypto::as_text(body))) ||
      header.version() != kVersion)
    damaged("its head cannot be read");
  return header;
}

StageReader::StageReader(std::istream& in, const std::string& expected_stage, const Plan& plan,
                         hsm::Token& token, const hsm::Key& storage)
    : in_(in), header_(read_stage_head(in)) {
  if (header_.stage() != expected_stage)
    throw Failure(ExitCode::usage,
                  fmt::format("this file comes from the stage '{}', but '{}' is needed here",
                              header_.stage(), expected_stage));
  if (header_.plan_digest() != plan.digest)
    throw Failure(ExitCode::hold,
                  "this file was made by another plan: the job, its templates or its keys have "
                  "changed since; start again with 'kpd ingest'");
  associated_ = stream_binding(header_);
  const Bytes sealed(header_.sealed_data_key().begin(), header_.sealed_data_key().end());
  aead_.emplace(token.unseal(storage, sealed, associated_));
}

std::optional<pb::Frame> StageReader::next() {
  if (ended_) return std::nullopt;
  const Bytes head = read_bytes(in_, 12);
  if (head.size() != 12) damaged("it ends too early");
  const std::size_t length = emvcrypto::to_number(ByteView(head).first(4));
  const std::uint64_t ordinal = emvcrypto::to_number(ByteView(head).subspan(4));
  if (length > kMaxFrame) damaged("a frame is too long");
  const Bytes sealed = read_bytes(in_, length);
  if (sealed.size() != length) damaged("it ends too early");
  const auto plain = aead_->open(nonce(frames_++), with_ordinal(associated_, ordinal), sealed);
  pb::Frame frame;
  if (!plain || !frame.ParseFromArray(plain->data(), static_cast<int>(plain->size())))
    damaged("a frame was changed or is out of order");
  if (frame.has_card()) ++cards_;
  if (frame.has_reject()) ++rejects_;
  if (!frame.has_end()) return frame;
  ended_ = true;
  end_ = frame.end();
  if (end_.cards() != cards_ || end_.rejects() != rejects_ || end_.read() != cards_ + rejects_)
    damaged("its counts do not balance");
  if (in_.peek() != std::istream::traits_type::eof()) damaged("something follows its end");
  return std::nullopt;
}

}  // namespace kpd
