#include "kpd/station/doubt_desk.h"

#include <map>
#include <utility>

namespace kpd {
namespace {

/// Nobody answers it: the channel is never opened.
const Bytes kChallenge(8, 0x00);

std::vector<Bytes> applications_of(const cps::Record& record) {
  std::vector<Bytes> aids;
  for (const cps::Application& application : record.applications) aids.push_back(application.aid);
  return aids;
}

}  // namespace

DoubtDesk::DoubtDesk(const std::string& file, CardBooks& books,
                     const std::function<bool(const CardEntry&)>& remade) {
  std::map<std::uint64_t, Bytes> chips;
  for (const CardEntry& entry : books.entries(CardState::doubt, kMost))
    if (!remade(entry) && !entry.chip.empty()) chips[entry.card] = emvcrypto::from_hex(entry.chip);
  if (chips.empty()) return;
  CardSelection selection;
  selection.first = chips.begin()->first;
  selection.count = chips.rbegin()->first - selection.first + 1;
  selection.wanted = [&](CardJob& job) { return chips.contains(job.index); };
  CardQueue queue(file, std::move(selection));
  while (auto job = queue.next()) {
    const auto entry = books.entry(job->index);
    job->chips = entry ? entry->chips : 0;
    Bytes chip = chips.at(job->index);
    at_start_.insert(job->index);
    doubts_.push_back({*std::move(job), std::move(chip)});
  }
}

void DoubtDesk::add(CardJob job, const Bytes& chip) {
  if (chip.empty()) return;
  const std::lock_guard lock(mutex_);
  if (doubts_.size() < kMost) doubts_.push_back({std::move(job), chip});
}

bool DoubtDesk::empty() const {
  const std::lock_guard lock(mutex_);
  return doubts_.empty();
}

/// A chip that is open in an application tells its number; one that is closed tells who it is. A
/// chip of which a part is closed may tell its PAN already, or a directory that all cards share.
bool DoubtDesk::fits(const Doubt& doubt, const HeldAnswer& answer) {
  if (answer.held == Held::unknown) return false;
  const CardIdentity wanted = identify(doubt.job.record, identity_plan(doubt.job.record));
  const bool same = wanted.known() && wanted.key() == answer.identity.key();
  if (answer.held == Held::all) return same;
  return answer.chip == doubt.chip && (same || answer.identity.pan.empty());
}

std::optional<DoubtFound> DoubtDesk::ask(cps::Card& card, std::chrono::milliseconds deadline) {
  // Another station does not ask meanwhile: a card in doubt is at one place only, and this is rare.
  const std::lock_guard lock(mutex_);
  std::optional<DoubtFound> found;
  std::map<std::vector<Bytes>, HeldAnswer> answers;  // cards of one product are asked for once
  for (auto doubt = doubts_.begin(); doubt != doubts_.end(); ++doubt) {
    const auto [answer, is_new] = answers.try_emplace(applications_of(doubt->job.record));
    if (is_new)
      answer->second = cps::drive(ask_what_it_holds(doubt->job.record, kChallenge), card, deadline);
    if (!fits(*doubt, answer->second)) continue;
    const std::uint64_t index = doubt->job.index;
    const bool old = at_start_.erase(index) > 0;
    if (old) turned_up_.insert(index);
    doubt->job.bound = true;
    doubt->job.held = answer->second.personalised;
    found = DoubtFound{std::move(doubt->job), answer->second.held, !old, std::move(doubt->chip)};
    doubts_.erase(doubt);
    break;
  }
  if (!card.reset(cps::Reset::warm)) return std::nullopt;
  return found;
}

}  // namespace kpd
