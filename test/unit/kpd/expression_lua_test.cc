// Functions of a job's own: what scripts can do, what they cannot, and that nothing stays.
#include <catch2/catch.hpp>
#include <chrono>

#include "kpd/expression/lua_functions.h"
#include "test/unit/kpd/expression_test_scope.h"

namespace {

using kpd::LuaFunctions;

std::shared_ptr<LuaFunctions> load(const std::string& script) {
  auto loaded = LuaFunctions::load(script);
  if (!loaded) FAIL(loaded.error().text << ", line " << loaded.error().line);
  return *loaded;
}

/// "line: text" of a script's mistake; empty when there is none.
std::string mistake_of(const std::string& script) {
  const auto loaded = LuaFunctions::load(script);
  return loaded ? "" : std::to_string(loaded.error().line) + ": " + loaded.error().text;
}

std::string call(LuaFunctions& functions, const std::string& name,
                 const std::vector<std::string>& arguments) {
  const auto value = functions.call(functions.find(name).value(), arguments);
  if (value) return *value;
  CHECK(value.error().code == "expression");
  return "fault: " + value.error().reason;
}

/// What the body of a function f(x) gives for one text.
std::string run(const std::string& body, const std::string& x = "4761739001010119") {
  return call(*load("function f(x)\n" + body + "\nend"), "f", {x});
}

/// Whether a body ends within a time that people can wait for.
void check_stopped(const std::string& body, const std::string& reason) {
  CAPTURE(body);
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(run(body), Catch::StartsWith("fault: " + reason));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

const std::string kTooLong = "it takes too many steps", kTooMuch = "it takes too much memory",
                  kNoName = "it uses a name that nothing has";

}  // namespace

TEST_CASE("a script's global functions can be called from expressions") {
  const auto functions = load(R"(
    local function half(name, n)
      local slash = name:find('/', 1, true)
      if not slash then error('the name has no slash') end
      return n == 1 and name:sub(1, slash - 1) or name:sub(slash + 1)
    end
    function surname(name) return half(name, 1) end
    function given(name) return half(name, 2) end
    function list(first, ...) return first .. ':' .. table.concat({...}, ',') end
    limits = {GOLD = '5000'}
  )");
  REQUIRE(functions->functions().size() == 3);
  CHECK(functions->functions()[0].name == "given");
  CHECK(functions->functions()[1].more);
  CHECK(functions->functions()[2].parameters == 1);
  const kpd_test::Fields fields({{"name", "PETROVA/OLGA"}, {"pan", "4761739001010119"}}, functions);
  CHECK(outcome("given(name) .. ' ' .. surname(name)", fields) == "OLGA PETROVA");
  CHECK(outcome("name | surname | lower", fields) == "petrova");
  CHECK(outcome("list('a')", fields) == "a:");
  CHECK(outcome("list('a', 'b', 1 + 1)", fields) == "a:b,2");
  CHECK(outcome("surname(pan)", fields) ==
        "fault: surname: the name has no slash, line 4 of the functions (column 1)");
  CHECK(outcome("'x' .. surname()", fields) ==
        "mistake: 8: the script's 'surname' takes 1 argument, not 0");
  CHECK(outcome("list()", fields) ==
        "mistake: 1: the script's 'list' takes 1 or more arguments, not 0");
  CHECK(outcome("half(name, 1)", fields) == "mistake: 1: no function is called 'half'");
}

TEST_CASE("a script that cannot be loaded is a mistake with its line") {
  CHECK(mistake_of("") == "");
  CHECK(mistake_of("function f(x)\n  return x ..\nend") == "3: unexpected symbol near 'end'");
  CHECK(mistake_of("x = 1\ny = nope + 1") == "2: nothing is called 'nope'");
  CHECK(mistake_of("\nerror('no')") == "2: no");
  CHECK(mistake_of("while true do end") == "1: " + kTooLong);
  CHECK_THAT(mistake_of("local s = 'x' while true do s = s .. s end"), Catch::Contains(kTooMuch));
  CHECK(mistake_of("string.rep = nil") == "1: it writes into a library");
  CHECK(mistake_of("function upper(s) return s end") ==
        "0: 'upper' is a function of the expressions themselves");
  CHECK_THAT(mistake_of("\x1bLua"), Catch::Contains("attempt to load a binary chunk"));
  CHECK_THAT(mistake_of(std::string(LuaFunctions::kMaxScript + 1, ' ')),
             Catch::Contains("too long"));
  CHECK_THAT(mistake_of("return " + std::string(10000, '(')), Catch::Contains("overflow"));
}

TEST_CASE("scripts have the parts of Lua's libraries that are safe") {
  const auto [body, wanted] = GENERATE(table<std::string, std::string>({
      {"return x:upper() .. x:lower() .. #x .. x:len()", "AB12ab1244"},
      {"return x:sub(2, 3) .. x:reverse() .. x:rep(2, '-')", "b121bAAb12-Ab12"},
      {"return string.char(x:byte(1, 2))", "Ab"},
      {"return tostring(x:find('1', 1, true)) .. tostring(x:find('9', 1, true))", "3nil"},
      {"return tostring(x:find('', 5, true)) .. tostring(x:find('', 6, true))", "5nil"},
      {"return tostring(x:find('b', -3, true)) .. tostring(x:find('A', -3, true))", "2nil"},
      {"return string.format('%5s|%-3d|%05.1f|%%', x, 7, 2.5)", " Ab12|7  |002.5|%"},
      {"return tostring(tonumber('0x10') + tonumber('12') // 5)", "18"},
      {"return type(x) .. math.type(1) .. math.max(1, 2) .. math.floor(2.5)", "stringinteger22"},
      {"return tostring(math.tointeger(3.0)) .. tostring(math.maxinteger)", "39223372036854775807"},
      {"local t = {} for i, v in ipairs({'a', 'b'}) do t[i] = v .. i end "
       "return table.concat(t, ',')",
       "a1,b2"},
      {"local t = {'a'} table.insert(t, 1, 'b') table.insert(t, 'c') table.remove(t, 2) "
       "return table.concat(t) .. select('#', table.unpack(t))",
       "bc2"},
      {"local n = 0 for _, c in utf8.codes('Zoë') do n = n + c end return tostring(n)", "436"},
      {"return utf8.char(235) .. utf8.len('Zoë') .. utf8.codepoint('ë')", "ë3235"},
      {"goto done do return 'no' end ::done:: return 'done'", "done"},
      {"local a <const>, b <close> = 1, nil return 'x' .. a", "x1"},
      {"return text.pad_left(x, 6, '0') .. text.part('a/b', '/', 2)", "00Ab12b"},
      {"return tostring(text.luhn_ok('4761739001010119')) .. text.len(x) + 1", "true5"},
      {"return text.date('311226', 'DDMMYY', 'YYYY-MM-DD')", "2026-12-31"},
  }));
  CAPTURE(body);
  CHECK(run(body, "Ab12") == wanted);
}

TEST_CASE("pairs goes in the order of the keys") {
  CHECK(run("local t = {} for i = 1, 50 do t['k' .. i % 7 .. i] = i end t[3] = 'c' t[-1] = 'a' "
            "t[1.5] = 'b' t[true] = 'f' local s = '' for k, v in pairs(t) do s = s .. "
            "tostring(k) .. ' ' end return s:sub(1, 30)") == "true -1 1.5 3 k014 k021 k028 k");
  CHECK(run("local t = {a = 1, b = 2, c = 3} local s = '' for k in pairs(t) do t.b = nil "
            "s = s .. k end return s") == "ac");
  CHECK_THAT(run("for k in pairs({[{}] = 1}) do end return ''"),
             Catch::StartsWith("fault: pairs knows no order of such keys"));
}

TEST_CASE("scripts reach nothing outside") {
  for (const char* name : {"io",
                           "os",
                           "debug",
                           "package",
                           "require",
                           "load",
                           "loadstring",
                           "loadfile",
                           "dofile",
                           "collectgarbage",
                           "rawset",
                           "rawget",
                           "rawequal",
                           "rawlen",
                           "setmetatable",
                           "getmetatable",
                           "coroutine",
                           "pcall",
                           "xpcall",
                           "print",
                           "warn",
                           "next",
                           "_G",
                           "string.dump",
                           "string.gsub",
                           "string.match",
                           "string.gmatch",
                           "string.pack",
                           "math.random",
                           "math.randomseed",
                           "table.sort",
                           "table.move",
                           "utf8.charpattern"}) {
    CAPTURE(name);
    CHECK(run(std::string("local it = ") + name + " return 'reached'") ==
          "fault: " + kNoName + ", line 2 of the functions");
    CHECK_THAT(mistake_of(std::string("local it = ") + name), Catch::Contains("nothing is called"));
  }
  for (const char* method : {"gsub", "match", "gmatch", "dump", "pack"}) {
    CAPTURE(method);
    CHECK_THAT(run(std::string("return x:") + method + "('.')"), Catch::StartsWith("fault: "));
  }
}

TEST_CASE("what would go on for ever is stopped") {
  check_stopped("while true do end", kTooLong);
  check_stopped("for i = 1, math.maxinteger do end", kTooLong);
  check_stopped("::again:: goto again", kTooLong);
  check_stopped("local function g() return g() end return g()", kTooLong);
  check_stopped("local t = {} while true do t[#t + 1] = 1 t[#t] = nil end", kTooLong);
  check_stopped("local s = x:rep(3000) while true do local e = s:find('z', 1, true) end", kTooLong);
  check_stopped("local s = x:rep(3000) while true do local e = s:byte(-1) end", kTooLong);
  check_stopped("local t = {1} while true do for k in ipairs(t) do end end", kTooLong);
  check_stopped("while true do text.replace(x:rep(4000), '4', '5') end", kTooLong);
  check_stopped("local t = {} for i = 1, 20000 do table.insert(t, 1, i) end return ''", kTooLong);
  check_stopped("local s = x:rep(4096) while true do local n = -s end", kTooLong);
  check_stopped("local s = x:rep(4096) while true do local n = s + 1 end", kTooLong);
  check_stopped("local s, t = x:rep(4096), x:rep(4096) while true do local b = s <= t end",
                kTooLong);
}

TEST_CASE("what would take ever more memory is stopped") {
  check_stopped("local s = 'x' while true do s = s .. s end", kTooMuch);
  check_stopped("local t = {} while true do t[#t + 1] = {} end", kTooMuch);
  check_stopped("while true do for k in pairs({1, 2, 3}) do end end", kTooMuch);
  check_stopped("local t = {} for i = 1, 1e9 do t[i] = i end", kTooMuch);
  check_stopped("local function g(n) return 1 + g(n + 1) end return g(1)", kTooMuch);
  check_stopped("local s = x for i = 1, 1000 do s = s .. x .. i end", kTooMuch);
  check_stopped("return x:rep(65536):rep(65536)", kTooMuch);
  check_stopped("local s = x:rep(4096) return (s .. s):sub(1, 16)", kTooMuch);
  check_stopped("return x:rep(1e9)", "it repeats a text too often");
  check_stopped("return (''):rep(math.maxinteger)", "it repeats a text too often");
  check_stopped("return string.format('%1000d', 1)", "it fails");
  check_stopped("return table.unpack({}, 1, 1e8)", "table.unpack gives at most 250 values");
  check_stopped("return table.unpack({}, math.mininteger, math.maxinteger)",
                "table.unpack gives at most 250 values");
  check_stopped("return table.concat({}, x, 1, math.maxinteger)", "it fails");
  check_stopped("local t = {} for i = 1, 200 do t[i] = x:rep(4096) end return table.concat(t)",
                kTooMuch);
}

TEST_CASE("patterns, which may take for ever, are not there") {
  check_stopped("return x:find('(.-)*b')", "string.find wants true as its fourth argument");
  check_stopped("return x:find('a', 1)", "string.find wants true as its fourth argument");
  check_stopped("return x:find(x:rep(20), 1, true)", "it looks for a text over 256 bytes");
}

TEST_CASE("addresses are never shown") {
  check_stopped("return tostring({})", "tostring takes texts, numbers, true, false and nil");
  check_stopped("return tostring(tostring)", "tostring takes texts, numbers");
  check_stopped("return string.format('%s', {})", "string.format takes texts and numbers");
  check_stopped("return string.format('%5.2p', x)", "string.format shows no addresses");
  check_stopped("return string.format('%%%d%-p', 1, x)", "string.format shows no addresses");
  check_stopped("return {} .. ''", "it fails");
}

TEST_CASE("a function gives one text") {
  const auto [body, reason] = GENERATE(table<std::string, std::string>({
      {"return", "it gives something else than a text"},
      {"return nil", "it gives something else than a text"},
      {"return 5", "it gives something else than a text"},
      {"return true", "it gives something else than a text"},
      {"return {}", "it gives something else than a text"},
      {"return function() end", "it gives something else than a text"},
      {"return '\\xff'", "it gives a text that is not UTF-8"},
      {"return x:rep(4097)", "the text is too long"},
  }));
  CAPTURE(body);
  CHECK(run(body) == "fault: " + reason);
  CHECK(run("return x, 1, {}", "first") == "first");
  CHECK(run("return x:rep(4096)").size() == 65536);
}

TEST_CASE("faults tell the line and no value") {
  const std::string secret = "4761739001010119";
  for (const char* body : {"error(x)",
                           "error({x})",
                           "error()",
                           "error(x, 0)",
                           "assert(false, x)",
                           "assert(nil)",
                           "return x + {}",
                           "return x.y.z",
                           "return x()",
                           "return {} < x",
                           "return nil .. x",
                           "return #5 .. x",
                           "return x // 0",
                           "return text.date(x, 'DDMMYY', 'YYMM')",
                           "return text.sub(x, x)",
                           "return text.sub(x)",
                           "return tonumber(x, 99)",
                           "return string.format(x .. '%y', 1)",
                           "return x:rep(x)",
                           "return _ENV[x]",
                           "_ENV[x] = 1",
                           "local a <close> = x return a",
                           "return utf8.char(x)",
                           "return ('x'):bad(x)",
                           "return 1 << x .. 'z'",
                           "for i = 1, x .. 'y' do end"}) {
    CAPTURE(body);
    const std::string got = run(std::string("\n") + body, secret);
    CHECK_THAT(got, Catch::StartsWith("fault: ") && Catch::EndsWith("line 3 of the functions"));
    CHECK(got.find(secret) == got.npos);
  }
  CHECK(run("error('no ' .. 'branch')") == "fault: it fails, line 2 of the functions");
  CHECK(run("error(\"no branch\")") == "fault: no branch, line 2 of the functions");
}

TEST_CASE("no record leaves anything to the next") {
  const auto functions = load(R"(
    local count, seen, last = 0, {}, nil
    function counted(x) count = count + 1 return tostring(count) end
    function known(x) local old = seen[x] seen[x] = 'known' return old or 'new' end
    function before(x) local old = last or 'none' last = x return old end
    function written(x) shared[x] = x local n = 0 for _ in pairs(shared) do n = n + 1 end
      return tostring(n) end
    shared = {}
    function fails(x) count = 100 shared.a = 1 error('no') end
    function fills(x) for i = 1, 100 do seen[i] = x .. i end return '' end
  )");
  for (int i = 0; i < 3; ++i) {
    CHECK(call(*functions, "counted", {"a"}) == "1");
    CHECK(call(*functions, "known", {"a"}) == "new");
    CHECK(call(*functions, "before", {"a"}) == "none");
    CHECK(call(*functions, "written", {"b"}) == "1");
    CHECK(call(*functions, "fills", {"b"}) == "");
    CHECK_THAT(call(*functions, "fails", {"a"}), Catch::StartsWith("fault: no"));
  }
  CHECK_THAT(run("counter = 1 return x"), Catch::StartsWith("fault: it writes a global"));
  CHECK_THAT(run("f = nil return x"), Catch::StartsWith("fault: it writes a global"));
  CHECK_THAT(run("string.upper = 1 return x"), Catch::StartsWith("fault: it writes into a"));
  CHECK_THAT(run("table.insert(string, 1) return x"), Catch::StartsWith("fault: it writes into"));
}

TEST_CASE("what a call may take does not depend on the calls before it") {
  const auto functions = load(
      "function fill(n) local t = {} for i = 1, tonumber(n) do "
      "t[i] = 'some text that is longer than forty characters, ' .. i end "
      "return #t .. '' end");
  int most = 0;
  for (int n = 64; n <= 65536 && call(*functions, "fill", {std::to_string(n)})[0] != 'f'; n *= 2)
    most = n;
  CHECK(most >= 4096);
  for (int i = 0; i < 50; ++i) {
    CHECK(call(*functions, "fill", {std::to_string(most)}) == std::to_string(most));
    CHECK(call(*functions, "fill", {std::to_string(most * 2)})[0] == 'f');
  }
}

TEST_CASE("functions take any bytes and many arguments") {
  const std::string bytes("\0\xff\n'", 4);
  CHECK(run("return tostring(#x) .. x:byte(2)", bytes) == "4255");
  const auto functions = load("function f(...) return select('#', ...) .. '' end");
  CHECK(call(*functions, "f", std::vector<std::string>(1000, "x")) == "1000");
  CHECK_THAT(call(*functions, "f", std::vector<std::string>(100, std::string(65536, 'x'))),
             Catch::StartsWith("fault: it takes too much memory"));
}
