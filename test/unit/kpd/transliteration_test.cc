#include "kpd/intake/transliteration.h"

#include <catch2/catch.hpp>

namespace {

std::string latin(const std::string& text) {
  const auto letters = kpd::transliterate(text);
  return letters ? *letters : "!" + letters.error().code;
}

}  // namespace

TEST_CASE("names become the letters of ICAO Doc 9303") {
  const auto [text, letters] = GENERATE(table<std::string, std::string>({
      {"O'NEIL/ANN-MARIE", "O'NEIL/ANN-MARIE"},
      {"Petrova/Olga", "PETROVA/OLGA"},
      {"Müller/Zoë", "MUELLER/ZOE"},
      {"GÖTZE/ÅSA", "GOETZE/AASA"},
      {"Ñuñez/Þór", "NUNEZ/THOR"},
      {"Œuvre/Æsir/Weiß", "OEUVRE/AESIR/WEISS"},
      {"Łukasz/Żółć", "LUKASZ/ZOLC"},
      {"ŐŰĳ/ıİ", "OUIJ/II"},
      {"Đorđe/Šećerović", "DORDE/SECEROVIC"},
      {"ПЕТРОВА/ОЛЬГА", "PETROVA/OLGA"},
      {"Щукин/Юлия", "SHCHUKIN/IULIIA"},
      {"Жуёв/Хасан", "ZHUEV/KHASAN"},
      {"Подъячий/Эмиль", "PODIEIACHII/EMIL"},
      {"Київ/Єва/Ґудзь", "KIIV/IEVA/GUDZ"},
      {"Љубав/Њего/Џон/Ћирић", "LJUBAV/NJEGO/DZON/CIRIC"},
  }));
  CHECK(latin(text) == letters);
}

TEST_CASE("what the tables do not have is a fault, not a guess") {
  for (const char* text :
       {"山田/太郎", "ΠΕΤΡΟΣ", "محمد", "A\xCC\x88", "€", "\xC3", "\xFF", "A\x80"}) {
    CAPTURE(text);
    CHECK(latin(text) == "!transliteration");
  }
}

TEST_CASE("small letters are those of their capitals") {
  CHECK(latin("áàâäăāąåãćĉčċçđďéèêëěėēęĝğġģĥħíìîïīįĩĵķĺľļłńñňņŋøóòôöõőōŕřŗśŝšşťţŧúùûüŭūųůũűŵýŷÿźžżþ"
              "æœșț") == latin("ÁÀÂÄĂĀĄÅÃĆĈČĊÇĐĎÉÈÊËĚĖĒĘĜĞĠĢĤĦÍÌÎÏĪĮĨĴĶĹĽĻŁŃÑŇŅŊØÓÒÔÖÕŐŌŔŘŖŚŜŠŞŤŢŦÚ"
                               "ÙÛÜŬŪŲŮŨŰŴÝŶŸŹŽŻÞÆŒȘȚ"));
  CHECK(latin("абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґђѓѕјљњћќўџ") ==
        latin("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІЇҐЂЃЅЈЉЊЋЌЎЏ"));
}
