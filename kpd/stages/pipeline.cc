#include "kpd/stages/pipeline.h"

#include "kpd/exit_code.h"
#include "kpd/intake/intake.h"
#include "kpd/stages/emit.h"
#include "kpd/stages/mailer_file.h"
#include "kpd/stages/own_files.h"
#include "kpd/stages/prepare.h"
#include "kpd/stages/reject_file.h"
#include "kpd/stages/sign.h"
#include "kpd/stream/stage_stream.h"

namespace kpd {
namespace {

hsm::Key storage_key(const StageContext& context) {
  return context.token->find(context.plan.keys[context.plan.key(kStorageRole)].uri);
}

/// Counts, and tells whoever watches. Stops a run that rejects too much.
class Progress {
 public:
  explicit Progress(const StageContext& context) : context_(context) {}

  void add(const Chunk& chunk, std::size_t read) {
    books_.read += read;
    books_.cards += chunk.cards.size();
    books_.rejects += chunk.rejects.size();
    if (!books_.balanced())
      throw Failure(ExitCode::internal, "the books do not balance: a record was lost on the way");
    if (context_.plan.reject_limit_reached(books_.rejects))
      throw Failure(ExitCode::hold,
                    "more than " + std::to_string(context_.plan.max_rejects) +
                        " records are rejected (max_rejects): look at the input before going on");
    context_.journal.commit_chunk(chunk_++, books_);
    if (context_.progress) context_.progress(books_);
  }

  const Books& books() const { return books_; }

 private:
  const StageContext& context_;
  Books books_;
  std::uint64_t chunk_ = 0;
};

void tell_notes(const StageContext& context, const Intake& intake) {
  if (!context.note) return;
  for (const std::string& note : intake.notes()) context.note(note);
}

/// The next chunk of the intake. Returns how many records were read; 0 at the end.
std::size_t read_chunk(Intake& intake, Chunk& chunk) {
  std::size_t read = 0;
  while (chunk.cards.size() < Chunk::kSize && chunk.rejects.size() < Chunk::kSize) {
    auto item = intake.next();
    if (!item) break;
    ++read;
    if (auto* card = std::get_if<pb::Card>(&*item))
      chunk.cards.push_back(std::move(*card));
    else
      chunk.rejects.push_back(std::move(std::get<pb::Reject>(*item)));
  }
  return read;
}

/// The same from the stage before.
std::size_t read_chunk(StageReader& reader, Chunk& chunk) {
  std::size_t read = 0;
  while (chunk.cards.size() < Chunk::kSize && chunk.rejects.size() < Chunk::kSize) {
    auto frame = reader.next();
    if (!frame) break;
    ++read;
    if (frame->has_card())
      chunk.cards.push_back(std::move(*frame->mutable_card()));
    else
      chunk.rejects.push_back(std::move(*frame->mutable_reject()));
  }
  return read;
}

void write_chunk(StageWriter& writer, const Chunk& chunk) {
  for (const pb::Card& card : chunk.cards) writer.write(card);
  for (const pb::Reject& reject : chunk.rejects) writer.write(reject);
}

pb::End end_of(const Books& books) {
  pb::End end;
  end.set_read(books.read);
  end.set_cards(books.cards);
  end.set_rejects(books.rejects);
  return end;
}

pb::StreamHeader header_for(const StageContext& context, const std::string& stage,
                            const std::string& run) {
  pb::StreamHeader header;
  header.set_stage(stage);
  header.set_run(run);
  header.set_plan_digest(context.plan.digest);
  return header;
}

/// A stage that reads frames, works on chunks and writes frames.
Books filter(const StageContext& context, StageReader& reader, std::ostream& out,
             pb::StreamHeader header, const std::function<void(Chunk&)>& work) {
  StageWriter writer(out, std::move(header), *context.token, storage_key(context));
  Progress progress(context);
  for (;;) {
    Chunk chunk;
    const std::size_t read = read_chunk(reader, chunk);
    if (read == 0) break;
    work(chunk);
    write_chunk(writer, chunk);
    progress.add(chunk, read);
  }
  writer.finish(end_of(progress.books()));
  return progress.books();
}

/// Card file, reject file and PIN mailers of one batch, which appear together at the end.
class BatchOutput {
 public:
  BatchOutput(const StageContext& context, const std::filesystem::path& card_file,
              const std::string& run, std::uint16_t generation,
              const std::vector<pb::TransportKey>& keys)
      : cards_(card_file), rejects_(reject_file_of(card_file)) {
    if (context.plan.mailer) mailers_.emplace(context.plan, view_of(run));
    std::vector<cps::WrappedKey> wrapped;
    for (const pb::TransportKey& key : keys) wrapped.push_back(to_file_form(key));
    emit_.emplace(context.plan, context.token, context.windows, cards_.stream(), view_of(run),
                  generation, wrapped);
  }

  /// Cards that cannot be written become rejects of the chunk.
  void add(Chunk& chunk) {
    emit_->run(chunk);
    for (const pb::Reject& reject : chunk.rejects) rejects_.write(reject);
    if (!mailers_) return;
    for (const pb::Card& card : chunk.cards) mailers_->write(card);
  }

  BatchResult finish(const StageContext& context, const Books& books) {
    emit_->finish(books.read, books.rejects);
    // All are on the disk before one takes its name. Cards may be made as soon as the card file is
    // there: PINs that nobody else knows must be there before it. Without a new card file the old
    // one stays good, and so do its PINs.
    rejects_.sync();
    cards_.sync();
    if (mailers_) mailers_->replace();
    cards_.commit();
    if (mailers_) mailers_->settle();
    rejects_.commit();
    context.journal.finish(books, emit_->digest());
    return {books, rejects_.by_fault(), emit_->digest()};
  }

 private:
  AtomicFile cards_;
  RejectFile rejects_;
  std::optional<MailerFile> mailers_;
  std::optional<Emit> emit_;
};

}  // namespace

Books ingest(const StageContext& context, std::ostream& out) {
  Intake intake(context.plan);
  tell_notes(context, intake);
  StageWriter writer(out, header_for(context, "ingest", to_field(context.token->random(16))),
                     *context.token, storage_key(context));
  Progress progress(context);
  for (;;) {
    Chunk chunk;
    const std::size_t read = read_chunk(intake, chunk);
    if (read == 0) break;
    write_chunk(writer, chunk);
    progress.add(chunk, read);
  }
  writer.finish(end_of(progress.books()));
  return progress.books();
}

Books prepare(const StageContext& context, std::istream& in, std::ostream& out) {
  StageReader reader(in, "ingest", context.plan, *context.token, storage_key(context));
  Prepare stage(context.plan, context.token, context.windows);
  pb::StreamHeader header = header_for(context, "prepare", reader.header().run());
  for (const pb::TransportKey& key : stage.transport_keys().wrapped)
    *header.add_transport_keys() = key;
  return filter(context, reader, out, std::move(header), [&](Chunk& chunk) { stage.run(chunk); });
}

Books sign(const StageContext& context, std::istream& in, std::ostream& out) {
  StageReader reader(in, "prepare", context.plan, *context.token, storage_key(context));
  Sign stage(context.plan, context.token);
  pb::StreamHeader header = header_for(context, "sign", reader.header().run());
  *header.mutable_transport_keys() = reader.header().transport_keys();
  return filter(context, reader, out, std::move(header), [&](Chunk& chunk) { stage.run(chunk); });
}

BatchResult emit(const StageContext& context, std::istream& in,
                 const std::filesystem::path& card_file) {
  require_own_files(context.plan, batch_files(context.plan, card_file));
  StageReader reader(in, "sign", context.plan, *context.token, storage_key(context));
  const auto& keys = reader.header().transport_keys();
  const std::uint16_t generation =
      context.journal.begin(context.plan.digest, reader.header().run());
  BatchOutput output(context, card_file, reader.header().run(), generation,
                     {keys.begin(), keys.end()});
  Progress progress(context);
  for (;;) {
    Chunk chunk;
    const std::size_t read = read_chunk(reader, chunk);
    if (read == 0) break;
    output.add(chunk);
    progress.add(chunk, read);
  }
  return output.finish(context, progress.books());
}

BatchResult run_batch(const StageContext& context, const std::filesystem::path& card_file) {
  require_own_files(context.plan, batch_files(context.plan, card_file));
  const std::string run = to_field(context.token->random(16));
  const std::uint16_t generation = context.journal.begin(context.plan.digest, run);
  Intake intake(context.plan);
  tell_notes(context, intake);
  Prepare prepare_stage(context.plan, context.token, context.windows);
  Sign sign_stage(context.plan, context.token);
  BatchOutput output(context, card_file, run, generation, prepare_stage.transport_keys().wrapped);
  Progress progress(context);
  for (;;) {
    Chunk chunk;
    const std::size_t read = read_chunk(intake, chunk);
    if (read == 0) break;
    prepare_stage.run(chunk);
    sign_stage.run(chunk);
    output.add(chunk);
    progress.add(chunk, read);
  }
  return output.finish(context, progress.books());
}

}  // namespace kpd
