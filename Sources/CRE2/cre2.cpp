#include "cre2.h"

#include <re2/re2.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

struct ambit_re2 {
    re2::RE2 expression;
    ambit_re2(const re2::StringPiece &text, const re2::RE2::Options &options) : expression(text, options) {}
};

namespace {

re2::StringPiece piece(const uint8_t *bytes, size_t length) {
    return re2::StringPiece(reinterpret_cast<const char *>(bytes), length);
}

void tell(const std::string &text, char *reason, size_t capacity) {
    if (capacity == 0) return;
    size_t count = text.size() < capacity ? text.size() : capacity - 1;
    std::memcpy(reason, text.data(), count);
    reason[count] = 0;
}

}  // namespace

ambit_re2 *ambit_re2_compile(const uint8_t *expression, size_t length, int64_t memory, char *reason, size_t capacity) try {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(memory);
    ambit_re2 *pattern = new ambit_re2(piece(expression, length), options);
    if (pattern->expression.ok()) return pattern;
    tell(pattern->expression.error(), reason, capacity);
    delete pattern;
    return nullptr;
} catch (const std::exception &) {
    tell("there is no memory for it", reason, capacity);
    return nullptr;
}

void ambit_re2_free(ambit_re2 *pattern) { delete pattern; }

int ambit_re2_program_size(const ambit_re2 *pattern) { return pattern->expression.ProgramSize(); }

bool ambit_re2_full_match(const ambit_re2 *pattern, const uint8_t *text, size_t length) try {
    return pattern->expression.Match(piece(text, length), 0, length, re2::RE2::ANCHOR_BOTH, nullptr, 0);
} catch (const std::exception &) {
    return false;
}

bool ambit_re2_check_replacement(
    const ambit_re2 *pattern, const uint8_t *replacement, size_t length, char *reason, size_t capacity) try {
    std::string error;
    if (pattern->expression.CheckRewriteString(piece(replacement, length), &error)) return true;
    tell(error, reason, capacity);
    return false;
} catch (const std::exception &) {
    tell("there is no memory for it", reason, capacity);
    return false;
}

uint8_t *ambit_re2_replace(
    const ambit_re2 *pattern, const uint8_t *text, size_t length, const uint8_t *replacement, size_t replacement_length,
    size_t *result_length) try {
    std::string result(reinterpret_cast<const char *>(text), length);
    if (re2::RE2::GlobalReplace(&result, pattern->expression, piece(replacement, replacement_length)) == 0) return nullptr;
    uint8_t *copy = static_cast<uint8_t *>(std::malloc(result.size() + 1));
    if (copy == nullptr) return nullptr;
    std::memcpy(copy, result.data(), result.size());
    *result_length = result.size();
    return copy;
} catch (const std::exception &) {
    return nullptr;
}
