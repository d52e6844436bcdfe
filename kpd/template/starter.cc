#include "kpd/template/starter.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <ostream>

#include "kpd/config/spelling.h"
#include "kpd/exit_code.h"
#include "kpd/template/yaml_text.h"

namespace kpd {
namespace {

std::string quoted(const std::string& text) {
  ConfigValue value;
  value.kind = ConfigValue::Kind::text;
  value.quoted = true;
  value.text = text;
  return yaml_line(value);
}

/// One question after the other.
class Questions {
 public:
  Questions(std::istream& in, std::ostream& out) : in_(in), out_(out) {}

  std::string ask(const std::string& question, const std::string& fallback) {
    for (;;) {
      out_ << question << (fallback.empty() ? "" : " [" + fallback + "]") << ": " << std::flush;
      std::string answer;
      if (!std::getline(in_, answer))
        throw Failure(ExitCode::usage, "the answers ended before the questions did");
      if (answer.empty()) answer = fallback;
      if (!answer.empty()) return answer;
    }
  }

  std::string choose(const std::string& question, const std::vector<std::string>& choices,
                     const std::string& fallback) {
    for (;;) {
      std::string answer =
          ask(fmt::format("{} ({})", question, fmt::join(choices, ", ")), fallback);
      if (std::find(choices.begin(), choices.end(), answer) != choices.end()) return answer;
      out_ << "'" << answer << "' is none of them\n";
    }
  }

  /// A choice by number.
  std::size_t pick(const std::string& question, const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      out_ << fmt::format("{:4} {}\n", i + 1, lines[i]);
    for (;;) {
      const std::string answer = ask(question, "1");
      const bool number =
          answer.size() < 4 && answer.find_first_not_of("0123456789") == std::string::npos;
      const std::size_t place = number ? std::stoul(answer) : 0;
      if (place >= 1 && place <= lines.size()) return place - 1;
      out_ << fmt::format("a number from 1 to {} is wanted\n", lines.size());
    }
  }

 private:
  std::istream& in_;
  std::ostream& out_;
};

std::string ask_base(Questions& questions, const std::string& kind,
                     std::vector<LibraryTemplate> list) {
  if (kind == "application") {
    const std::string method =
        questions.choose("Data authentication", {"any", "none", "sda", "dda", "cda"}, "any");
    const std::string contactless = questions.choose("Contactless", {"any", "yes", "no"}, "any");
    const auto other = [&](const LibraryTemplate& one) {
      return (method != "any" && one.authentication != method) ||
             (contactless != "any" && one.contactless != (contactless == "yes"));
    };
    std::vector<LibraryTemplate> fitting = list;
    std::erase_if(fitting, other);
    if (!fitting.empty()) list = std::move(fitting);
  }
  if (list.empty())
    throw Failure(ExitCode::usage,
                  "there is no template to start from: name the folder with --templates");
  std::vector<std::string> lines;
  for (const LibraryTemplate& one : list)
    lines.push_back(fmt::format("{}: {}", one.name, one.title));
  return list[questions.pick("Start from", lines)].name;
}

const LibraryTemplate& find_base(const std::vector<LibraryTemplate>& list, const Start& start) {
  std::vector<std::string> names;
  for (const LibraryTemplate& one : list) {
    if (one.name == start.from) return one;
    names.push_back(one.name);
  }
  const std::string hint = did_you_mean(start.from, names);
  throw Failure(ExitCode::usage,
                fmt::format("no template to start from is called '{}'{}", start.from,
                            hint.empty() ? fmt::format("; there are: {}", fmt::join(names, ", "))
                                         : " (" + hint + ")"));
}

/// The parameters: given ones, missing ones, and the others as comments.
std::string with_text(const Start& start, const LibraryTemplate& base) {
  if (base.parameters.empty()) return {};
  std::string given, others;
  for (const LibraryParameter& parameter : base.parameters) {
    const auto value = start.with.find(parameter.name);
    const std::string comment = parameter.title.empty() ? "" : "  # " + parameter.title;
    if (value != start.with.end())
      given += fmt::format("  {}: {}{}\n", parameter.name, quoted(value->second), comment);
    else if (!parameter.required)
      others += fmt::format("  # {}: {}{}\n", parameter.name, quoted(parameter.fallback), comment);
    else
      throw Failure(ExitCode::usage,
                    fmt::format("parameter '{}' ({}) of {} has no default: --with {}=VALUE",
                                parameter.name, parameter.type, base.name, parameter.name));
  }
  return fmt::format("\n# Parameters of {}; what is a comment has the value that it shows.\n{}{}{}",
                     base.name, given.empty() ? "# with:\n" : "with:\n", given, others);
}

std::string application_text(const Start& start, const LibraryTemplate& base) {
  std::string text = "\n# The application identifier, and the name that terminals show.\n";
  text += "aid: " + quoted(start.aid.empty() ? base.aid : start.aid) + "\n";
  const std::string label = start.label.empty() ? base.label : start.label;
  if (!label.empty()) text += "label: " + quoted(label) + "\n";
  text += with_text(start, base);
  return text +
         "\n# Other data elements, or other sources for those that are inherited; `~` takes one "
         "away.\n# elements:\n#   \"9F07\": {value: \"FF00\"}\n";
}

std::string card_text(const Start& start, const LibraryTemplate& base) {
  std::string text = with_text(start, base);
  text +=
      "\n# Applications in the order of personalisation; the list replaces the inherited one.\n"
      "# applications:\n#   - {template: applications/pse}\n";
  if (start.risk_field.empty()) return text;
  return text +
         fmt::format(
             "\n# The field chooses a profile: what a profile says of an application is put "
             "on top of it.\nrisk:\n  field: {}\n  default: STANDARD\n  profiles:\n"
             "    STANDARD: {{}}\n    # LOW: {{APPLICATION: {{with: {{pin_tries: \"05\"}}}}}}\n",
             quoted(start.risk_field));
}

}  // namespace

void ask(Start& start, const std::filesystem::path& templates, std::istream& in,
         std::ostream& out) {
  Questions questions(in, out);
  if (start.kind.empty())
    start.kind = start.from.starts_with("cards/") ? "card"
                 : start.from.empty()
                     ? questions.choose("Kind", {"application", "card"}, "application")
                     : "application";
  const auto list = library(templates, start.kind);
  if (start.from.empty()) start.from = ask_base(questions, start.kind, list);
  const LibraryTemplate& base = find_base(list, start);
  if (start.name.empty()) start.name = questions.ask("Name of the new template", "");
  if (start.title.empty()) start.title = questions.ask("Title", base.title);
  if (start.kind == "application") {
    if (start.aid.empty()) start.aid = questions.ask("AID, hexadecimal", base.aid);
    if (start.label.empty()) start.label = questions.ask("Label", base.label);
  } else if (start.risk_field.empty()) {
    const std::string field = questions.ask("Field that chooses a risk profile, or none", "none");
    if (field != "none") start.risk_field = field;
  }
  for (const LibraryParameter& parameter : base.parameters)
    if (parameter.required && !start.with.contains(parameter.name))
      start.with[parameter.name] = questions.ask(
          fmt::format("{} ({})", parameter.title.empty() ? parameter.name : parameter.title,
                      parameter.type),
          "");
}

std::string start_text(const Start& start, const std::filesystem::path& templates) {
  const std::string kind = start.from.starts_with("cards/") ? "card" : "application";
  const auto list = library(templates, start.kind.empty() ? kind : start.kind);
  const LibraryTemplate& base = find_base(list, start);
  if (base.kind == "card" && !(start.aid.empty() && start.label.empty()))
    throw Failure(ExitCode::usage, "an AID and a label belong to an application, not to a card");
  for (const auto& [name, value] : start.with)
    if (std::none_of(base.parameters.begin(), base.parameters.end(),
                     [&](const LibraryParameter& one) { return one.name == name; }))
      throw Failure(ExitCode::usage, fmt::format("{} has no parameter '{}'", base.name, name));
  std::string text = fmt::format(
      "# Started from {}: what is not said here comes from there.\n"
      "# All of it:  kpd template show FILE    what is wrong:  kpd template check FILE\n"
      "kind: {}\ntitle: {}\nextends: {}\n",
      base.name, base.kind, quoted(start.title.empty() ? base.title : start.title), base.name);
  return text + (base.kind == "card" ? card_text(start, base) : application_text(start, base));
}

}  // namespace kpd
