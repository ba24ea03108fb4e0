/* Crashes in one of a hundred places, chosen by the first argument: each has functions of its own on the stack,
 * so that no two are duplicates. */
#include <stdlib.h>

#define CRASH(n) \
  static void __attribute__((noinline)) inner_##n(volatile int *where) { *where = n; } \
  static void __attribute__((noinline)) middle_##n(volatile int *where) { inner_##n(where); __asm__(""); } \
  static void __attribute__((noinline)) outer_##n(volatile int *where) { middle_##n(where); __asm__(""); }
#define TEN(F, d) F(d##0) F(d##1) F(d##2) F(d##3) F(d##4) F(d##5) F(d##6) F(d##7) F(d##8) F(d##9)
#define HUNDRED(F) TEN(F, 1) TEN(F, 2) TEN(F, 3) TEN(F, 4) TEN(F, 5) TEN(F, 6) TEN(F, 7) TEN(F, 8) TEN(F, 9)

HUNDRED(CRASH)

int main(int count, char **words) {
  int wanted = count > 1 ? atoi(words[1]) : 10;
#define CALL(n) if (wanted == n) outer_##n(NULL);
  HUNDRED(CALL)
  return 1;
}
