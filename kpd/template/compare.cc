#include "kpd/template/compare.h"

#include <algorithm>
#include <map>

#include "kpd/template/facts.h"

namespace kpd {
namespace {

using inspect::Node;

Node node_of(const char* kind, const Fact& fact, std::string value) {
  Node node = inspect::branch(kind, fact.id, fact.label);
  node.value = std::move(value);
  return node;
}

void add_lines(Node& node, const char* sign, const std::vector<std::string>& lines,
               const std::vector<std::string>& others) {
  for (const std::string& line : lines)
    if (std::find(others.begin(), others.end(), line) == others.end())
      node.add(inspect::branch("line", sign, line));
}

/// The differences of two groups of the same kind.
std::vector<Node> compare(const FactGroup& before, const FactGroup& after) {
  std::vector<Node> nodes;
  const auto find = [](const FactGroup& group, const std::string& id) {
    return std::find_if(group.facts.begin(), group.facts.end(),
                        [&](const Fact& fact) { return fact.id == id; });
  };
  for (const Fact& old : before.facts) {
    const auto now = find(after, old.id);
    if (now == after.facts.end()) {
      nodes.push_back(node_of("removed", old, old.value));
      nodes.back().note = "removed";
    } else if (now->value != old.value) {
      Node& node = nodes.emplace_back(node_of("changed", *now, old.value + " -> " + now->value));
      add_lines(node, "-", old.details, now->details);
      add_lines(node, "+", now->details, old.details);
    }
  }
  for (const Fact& fact : after.facts)
    if (find(before, fact.id) == before.facts.end()) {
      Node& node = nodes.emplace_back(node_of("added", fact, fact.value));
      node.note = "added";
      add_lines(node, "+", fact.details, {});
    }
  return nodes;
}

/// Appends a branch for each group with differences. Groups come in the same order.
void compare(const std::vector<FactGroup>& before, const std::vector<FactGroup>& after,
             Node& parent) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::vector<Node> nodes = compare(before[i], after[i]);
    if (nodes.empty()) continue;
    Node branch = inspect::branch(before[i].kind, "", before[i].title);
    branch.children = std::move(nodes);
    parent.add(std::move(branch));
  }
}

/// One application of a card with the documents that it was made of.
struct Application {
  const ApplicationPlan* plan;
  const ConfigValue* document;
  const Plan* job;
};

std::vector<Application> applications(const Examined& examined, std::size_t card) {
  std::vector<Application> list;
  const auto& plans = examined.job.plan.cards[card].applications;
  for (std::size_t i = 0; i < plans.size(); ++i)
    list.push_back({&plans[i], examined.job.documents.at(card).applications.at(i).document.get(),
                    &examined.job.plan});
  return list;
}

Node application_branch(const Application& application) {
  return inspect::branch("application", emvcrypto::to_hex(application.plan->aid),
                         application.plan->label);
}

/// Applications by their AID; the only ones of two templates whatever that is.
void compare_applications(std::vector<Application> before, std::vector<Application> after,
                          Node& parent) {
  const bool alone = before.size() == 1 && after.size() == 1;
  for (const Application& old : before) {
    const auto now = std::find_if(after.begin(), after.end(), [&](const Application& one) {
      return alone || one.plan->aid == old.plan->aid;
    });
    Node branch = application_branch(old);
    if (now == after.end()) {
      branch.note = "removed";
      parent.add(std::move(branch));
      continue;
    }
    if (now->plan->aid != old.plan->aid) {
      Node aid = inspect::branch("changed", "aid", "AID");
      aid.value = emvcrypto::to_hex(old.plan->aid) + " -> " + emvcrypto::to_hex(now->plan->aid);
      branch.add(std::move(aid));
    }
    compare(facts_of(*old.plan, *old.document, *old.job),
            facts_of(*now->plan, *now->document, *now->job), branch);
    if (!branch.children.empty()) parent.add(std::move(branch));
    after.erase(now);
  }
  for (const Application& added : after) {
    Node branch = application_branch(added);
    branch.note = "added";
    parent.add(std::move(branch));
  }
}

Node compare_cards(const Examined& before, std::size_t old, const Examined& after,
                   std::size_t now) {
  Node card = inspect::branch("card", "", card_name(after.job.plan.cards[now]));
  if (before.kind != "application" && after.kind != "application")
    compare(facts_of(before.job.plan.cards[old], *before.job.documents.at(old).card),
            facts_of(after.job.plan.cards[now], *after.job.documents.at(now).card), card);
  compare_applications(applications(before, old), applications(after, now), card);
  return card;
}

using Cards = std::map<std::string, std::size_t>;

Cards cards_of(const Examined& examined) {
  Cards cards;
  for (std::size_t i = 0; i < examined.job.plan.cards.size(); ++i)
    cards[card_name(examined.job.plan.cards[i])] = i;
  return cards;
}

}  // namespace

std::vector<Node> compare(const Examined& before, const Examined& after) {
  std::vector<Node> nodes;
  const Cards old_cards = cards_of(before), new_cards = cards_of(after);
  const auto tell = [&](const std::string& name, const char* what) {
    Node node = inspect::branch("card", "", name);
    node.note = what;
    nodes.push_back(std::move(node));
  };
  for (const auto& [name, old] : old_cards) {
    auto now = new_cards.find(name);
    if (old_cards.size() == 1 && new_cards.size() == 1) now = new_cards.begin();
    if (now == new_cards.end()) {
      tell(name, "removed");
      continue;
    }
    Node card = compare_cards(before, old, after, now->second);
    if (!card.children.empty()) nodes.push_back(std::move(card));
  }
  if (old_cards.size() == 1 && new_cards.size() == 1) return nodes;
  for (const auto& [name, now] : new_cards)
    if (!old_cards.contains(name)) tell(name, "added");
  return nodes;
}

}  // namespace kpd
