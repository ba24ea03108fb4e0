/*
 * Compiled with -DFOO_VERSION=1 or 2. Version 2 has one more function in front, so that every address
 * behind it is another: symbols of the wrong version give wrong names.
 */
#include "foo.h"

#ifndef FOO_VERSION
#define FOO_VERSION 1
#endif

int foo_version(void)
{
    return FOO_VERSION;
}

#if FOO_VERSION > 1
int foo_magnitude(int number)
{
    int magnitude = number < 0 ? -number : number;
    return magnitude;
}
#endif

static int foo_read(const int *number)
{
    return *number;
}

int foo_divide(int dividend, const int *divisor)
{
    int value = foo_read(divisor);
    return dividend / value;
}
