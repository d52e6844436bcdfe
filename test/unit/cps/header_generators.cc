// Headers of card files for property tests.
#include "test/unit/cps/generators.h"

namespace cps::test {
namespace {

std::string some_text() {
  return *gen::element<std::string>("", "a", "Пример", "\"\\", "line\nend", "№ 1");
}

std::size_t up_to(std::size_t last) {
  return *gen::inRange<std::size_t>(0, last + 1);
}

std::vector<WrappedKey> some_keys(std::size_t id_length) {
  std::vector<WrappedKey> keys(up_to(3));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    WrappedKey& key = keys[i];
    key.id = *bytes_of(id_length, id_length);
    key.id[0] = static_cast<std::uint8_t>(i);
    key.use = some_text();
    key.algorithm = some_text();
    key.kcv = *bytes_of(0, 3);
    key.method = some_text();
    key.kek = some_text();
    key.kek_kcv = *bytes_of(0, 3);
    key.wrapped = *bytes_of(0, 40);
  }
  return keys;
}

LineLayout some_lines() {
  LineLayout lines;
  lines.fixed = up_to(1) == 1;
  lines.end = up_to(1) == 1 ? "\n" : "\r\n";
  lines.encoding = up_to(1) == 1 ? "ISO-8859-5" : "UTF-8";
  if (!lines.fixed) lines.quoting = static_cast<Quoting>(up_to(2));
  lines.fields = {{"$REF"}, {"chip", LineContent::chip}};
  for (std::size_t i = up_to(3); i > 0; --i) lines.fields.push_back({"f" + std::to_string(i)});
  if (!lines.fixed) return lines;
  for (LineField& field : lines.fields) {
    field.width = 1 + up_to(99);
    field.right = up_to(1) == 1;
    field.fill = field.right ? '.' : ' ';
  }
  return lines;
}

/// One kind of card for any record: its frame is the record without what differs between cards.
TaggedLayout some_packages() {
  TaggedCard card;
  card.frame = *any_record();
  card.frame.reference.clear();
  for (Application& application : card.frame.applications) {
    application.dgis.clear();
    application.mac_key.clear();
    application.mac.clear();
    const std::string name = "APP" + std::to_string(card.applications.size());
    card.applications.push_back(
        {name, *bytes_of(4, 4), {{0x0101, 0xDF01, some_trees()}, {0x8000, 0xDF02, {}}}});
  }
  TaggedLayout layout;
  layout.pix_length_size = 1 + up_to(1);
  layout.key_data_length_size = 1 + up_to(1);
  layout.cards = {std::move(card)};
  return layout;
}

}  // namespace

std::vector<TagTree> some_trees(int depth) {
  std::vector<TagTree> trees(up_to(2));
  for (TagTree& tree : trees) {
    tree.tag = *gen::element<Tag>(0x50, 0x70, 0x57, 0xA5, 0x5F20, 0x9F36, 0xBF0C, 0xDF8101);
    const bool constructed = tree.tag == 0x70 || tree.tag == 0xA5 || tree.tag == 0xBF0C;
    if (constructed && depth > 1) tree.inside = some_trees(depth - 1);
  }
  return trees;
}

FileHeader some_header(FileFormat format) {
  FileHeader header;
  header.format = format;
  header.run = some_text();
  header.job = some_text();
  header.plan_digest = some_text();
  header.date = some_text();
  header.test = up_to(1) == 1;
  header.chip_mic = *text_of(4);
  if (format != FileFormat::tagged) header.layout.key_id_length = 1 + up_to(15);
  header.layout.mac_coverage = static_cast<MacCoverage>(up_to(2));
  header.layout.object_length = static_cast<ObjectLength>(up_to(1));
  header.initial_value = *bytes_of(8, 8);
  if (format == FileFormat::lines) header.lines = some_lines();
  if (format == FileFormat::tagged) header.tagged = some_packages();
  header.keys = some_keys(header.layout.key_id_length);
  return header;
}

}  // namespace cps::test
