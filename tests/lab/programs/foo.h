/* A library in two versions. Same file name, same functions, other code: another build-id. */
int foo_divide(int dividend, const int *divisor);
