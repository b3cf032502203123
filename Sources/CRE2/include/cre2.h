// A C face for Debian's RE2 (C++), as small as Ambit needs it. No function throws, logs, or keeps a pointer that it was given.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled expression; immutable, used by any number of threads at once.
typedef struct ambit_re2 ambit_re2;

/// Compiles `length` bytes of `expression`. NULL where it fails; the reason, cut to `capacity` bytes with its final zero,
/// is then in `reason`. `memory` bounds the bytes of the compiled program and its cache.
ambit_re2 *ambit_re2_compile(const uint8_t *expression, size_t length, int64_t memory, char *reason, size_t capacity);

/// Frees what `ambit_re2_compile` gave.
void ambit_re2_free(ambit_re2 *pattern);

/// The size of the compiled program in instructions.
int ambit_re2_program_size(const ambit_re2 *pattern);

/// Whether the whole text matches. `text` may be NULL where `length` is zero.
bool ambit_re2_full_match(const ambit_re2 *pattern, const uint8_t *text, size_t length);

/// Whether `length` bytes of `replacement` are a replacement for it; if not, the reason is in `reason` as above.
bool ambit_re2_check_replacement(
    const ambit_re2 *pattern, const uint8_t *replacement, size_t length, char *reason, size_t capacity);

/// Replaces every match. The result has `*result_length` bytes and is freed with `free`; NULL where nothing matches or there
/// is no memory.
uint8_t *ambit_re2_replace(
    const ambit_re2 *pattern, const uint8_t *text, size_t length, const uint8_t *replacement, size_t replacement_length,
    size_t *result_length);

#ifdef __cplusplus
}
#endif
