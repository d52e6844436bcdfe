#include "kpd/stages/mailer_file.h"

#include <nlohmann/json.hpp>

#include "emvcrypto/pan.h"

namespace kpd {
namespace {

std::filesystem::path with_folder(const std::string& file) {
  const std::filesystem::path path = file;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  return path;
}

}  // namespace

MailerFile::MailerFile(const Plan& plan, ByteView run)
    : plan_(plan),
      mailer_(*plan.mailer),
      run_(emvcrypto::to_hex(run)),
      file_(with_folder(mailer_.file)) {}

void MailerFile::write(const pb::Card& card) {
  if (!card.has_pin_mailer()) return;
  const std::string_view pan = field_of(card, plan_.roles.pan);
  nlohmann::ordered_json line{
      {"run", run_},
      {"record", field_of(card, plan_.roles.record_id)},
      {"pan", mailer_.needs_pan() ? std::string(pan) : emvcrypto::mask_pan(pan)}};
  for (std::size_t i = 0; i < mailer_.fields.size(); ++i)
    line[mailer_.fields[i].name] = card.pin_mailer().fields(static_cast<int>(i));
  const KeyPlan& key = plan_.keys[mailer_.key];
  line["format"] = mailer_.format;
  line["pin_block"] = emvcrypto::to_hex(view_of(card.pin_mailer().pin_block()));
  line["key"] = key.role;
  line["kcv"] = emvcrypto::to_hex(key.kcv);
  file_.stream() << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace kpd
