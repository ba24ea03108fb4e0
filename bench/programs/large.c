/* Fills as many MiB as the first argument says with bytes that no compressor can shorten, and crashes. */
#include <stdint.h>
#include <stdlib.h>

int main(int count, char **words) {
  size_t words_count = (size_t)(count > 1 ? atoi(words[1]) : 1) * 1024 * 1024 / sizeof(uint64_t);
  uint64_t *memory = malloc(words_count * sizeof(uint64_t));
  uint64_t state = 88172645463325252u;
  for (size_t i = 0; i < words_count; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memory[i] = state;
  }
  *(volatile int *)0 = (int)memory[words_count / 2];
  return 0;
}
