/*
 * Loads a library by dlopen (its path is the first argument) and crashes inside it: the library stands in
 * no DT_NEEDED entry, so only the core tells that it was there. SIGSEGV at a null pointer.
 */
#include <dlfcn.h>

static int run_plugin(const char *path)
{
    void *library = dlopen(path, RTLD_NOW);
    if (!library)
        return 2;
    int (*divide)(int, const int *) = (int (*)(int, const int *))dlsym(library, "foo_divide");
    return divide ? divide(84, 0) : 3;
}

int main(int argc, char **argv)
{
    return argc > 1 ? run_plugin(argv[1]) : 1;
}
