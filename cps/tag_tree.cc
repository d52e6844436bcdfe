#include "cps/tag_tree.h"

#include <algorithm>

namespace cps {
namespace {

constexpr int kDeepest = 8;

/// Reads the list at the front of `text`, up to its end or a closing bracket.
bool read_list(std::string_view& text, std::vector<TagTree>& trees, int depth) {
  if (depth > kDeepest) return false;
  for (;;) {
    const std::string_view name = text.substr(0, text.find_first_of("(),"));
    const auto tag = emvcrypto::parse_tag(name);
    if (!tag || emvcrypto::tag_name(*tag) != name) return false;
    text.remove_prefix(name.size());
    TagTree& tree = trees.emplace_back();
    tree.tag = *tag;
    if (text.starts_with('(')) {
      text.remove_prefix(1);
      if (!emvcrypto::is_constructed(*tag) || !read_list(text, tree.inside, depth + 1) ||
          !text.starts_with(')'))
        return false;
      text.remove_prefix(1);
    }
    if (!text.starts_with(',')) return true;
    text.remove_prefix(1);
  }
}

}  // namespace

std::string to_text(const std::vector<TagTree>& trees) {
  std::string text;
  for (const TagTree& tree : trees) {
    if (!text.empty()) text += ',';
    text += emvcrypto::tag_name(tree.tag);
    if (!tree.is_leaf()) text += "(" + to_text(tree.inside) + ")";
  }
  return text;
}

Expected<std::vector<TagTree>> parse_tag_trees(std::string_view text) {
  std::vector<TagTree> trees;
  if (text.empty()) return trees;
  if (!read_list(text, trees, 1) || !text.empty())
    return emvcrypto::fault("tags", "not a list of tags, as 70(57,5F20)");
  return trees;
}

void append_leaves(std::vector<Tag>& to, const std::vector<TagTree>& trees) {
  for (const TagTree& tree : trees) {
    if (tree.is_leaf()) to.push_back(tree.tag);
    append_leaves(to, tree.inside);
  }
}

}  // namespace cps
